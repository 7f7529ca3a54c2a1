import { capabilities } from './catalogue/capabilities.js';
import type { ModelCatalogue } from './catalogue/model-catalogue.js';
import { formatLimitMembers, type LimitMembers, parseCount, parseLimitMembers } from './limits/limit-members.js';
import { findLimitOfMember, limitKinds, limitTable } from './limits/limit-table.js';
import { type Limits, lifetimeBounds } from './limits/limits.js';
import { parseScopeToken, type ScopeToken } from './scope/scope-token.js';
import { visibleText } from './text/visible-text.js';

/** The type of our `authorization_details` (RFC 9396 section 2). */
export const aiAccessType = 'ai_access';

/** What a client proposes. Everything is optional. The owner cannot choose more than a proposed limit. */
export interface AiAccessRequest {
  /**
   * The models and capabilities that the object names. The models and capabilities of the `scope` parameter are not
   * included.
   */
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly lifetimeSeconds: number | undefined;
  /** One line in the client's own words. The consent page says that the client wrote it. */
  readonly reason: string | undefined;
}

export type AiAccessParse =
  | { readonly ok: true; readonly request: AiAccessRequest }
  | ({ readonly ok: false } & WrongMember);

/**
 * What is wrong with an object. An error description repeats both texts, so they contain no text of the client, not
 * even the name of an unknown member.
 */
export interface WrongMember {
  /** The path of the member in the object, such as `models[2]`; empty for the object itself. */
  readonly member: string;
  /** The values that are allowed, as the end of a sentence about the member. */
  readonly rule: string;
}

/** The members that are not limits. */
const otherMembers = ['type', 'models', 'capabilities', 'expires_in', 'reason'];
const allMembers = [...otherMembers, ...limitKinds.map((kind) => limitTable[kind].member)];
const maxNames = 100;
const maxReasonLength = 300;

/** Reads one `authorization_details` object of type `ai_access`. */
export function parseAiAccess(detail: Readonly<Record<string, unknown>>, catalogue: ModelCatalogue): AiAccessParse {
  const isKnown = (member: string) => otherMembers.includes(member) || findLimitOfMember(member) !== undefined;
  if (!Object.keys(detail).every(isKnown)) return refuse('', `must have no other members than ${list(allMembers)}`);
  const models = parseNames('models', detail.models, (name) => parseScopeToken(`model:${name}`, catalogue));
  if (!models.ok) return refuse(models.member, models.isList ? 'must be a known model' : namesRule);
  const named = parseNames('capabilities', detail.capabilities, (name) => parseScopeToken(`cap:${name}`, catalogue));
  if (!named.ok) return refuse(named.member, named.isList ? `must be one of ${list(capabilities)}` : namesRule);
  const parsed = parseLimitMembers(detail);
  if (!parsed.ok) return { ok: false, ...parsed.wrong[0] };
  const { minSeconds: min, maxSeconds: max } = lifetimeBounds;
  const lifetimeSeconds = parseCount(detail.expires_in, { min, max });
  if (lifetimeSeconds === null) return refuse('expires_in', `must be a whole number of seconds from ${min} to ${max}`);
  const reason = parseReason(detail.reason);
  if (reason === null) return refuse('reason', `must be a text of at most ${maxReasonLength} characters`);
  const tokens = [...models.tokens, ...named.tokens];
  return { ok: true, request: { tokens, limits: parsed.limits, lifetimeSeconds, reason } };
}

const namesRule = `must be a list of at most ${maxNames} texts`;

function refuse(member: string, rule: string): AiAccessParse {
  return { ok: false, member, rule };
}

function list(names: readonly string[]): string {
  return names.join(', ');
}

type NamesParse =
  | { readonly ok: true; readonly tokens: readonly ScopeToken[] }
  /** `isList`: the value is a list of allowed length, and `member` is the path of a wrong name in it. */
  | { readonly ok: false; readonly member: string; readonly isList: boolean };

/** Reads a list of names. An absent list counts as an empty one. */
function parseNames(member: string, value: unknown, parse: (name: string) => ScopeToken | undefined): NamesParse {
  if (value === undefined) return { ok: true, tokens: [] };
  if (!Array.isArray(value) || value.length > maxNames) return { ok: false, member, isList: false };
  const tokens = value.map((name) => (typeof name === 'string' ? parse(name) : undefined));
  const unknown = tokens.indexOf(undefined);
  if (unknown >= 0) return { ok: false, member: `${member}[${unknown}]`, isList: true };
  return { ok: true, tokens: tokens.filter((token) => token !== undefined) };
}

function parseReason(value: unknown): string | undefined | null {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > maxReasonLength) return null;
  // hidden characters and stacked marks could reorder, hide or cover text on the consent page
  const line = visibleText(value).replace(/\s+/gu, ' ');
  return line === '' ? undefined : line;
}

/** What was granted, as the token response, the JWT and introspection show it (RFC 9396). */
export type AiAccessDetail = LimitMembers & {
  readonly type: typeof aiAccessType;
  readonly models: readonly string[];
  readonly capabilities: readonly string[];
  /** When the grant ends: seconds since 1970 (NumericDate). */
  readonly expires_at: number;
};

export function formatAiAccess(tokens: readonly ScopeToken[], limits: Limits, expiresAt: Date): AiAccessDetail {
  return {
    type: aiAccessType,
    models: tokens.flatMap((token) => (token.kind === 'capability' ? [] : [token.text.slice('model:'.length)])),
    capabilities: tokens.flatMap((token) => (token.kind === 'capability' ? [token.capability] : [])),
    ...formatLimitMembers(limits),
    expires_at: Math.floor(expiresAt.getTime() / 1000),
  };
}
