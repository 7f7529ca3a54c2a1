import type { ModelCatalogue } from './catalogue/model-catalogue.js';
import { formatLimitMembers, type LimitMembers, parseCount, parseLimitMembers } from './limits/limit-members.js';
import { findLimitOfMember } from './limits/limit-table.js';
import { type Limits, lifetimeBounds } from './limits/limits.js';
import { parseScopeToken, type ScopeToken } from './scope/scope-token.js';

/** The type of our `authorization_details` (RFC 9396 section 2). */
export const aiAccessType = 'ai_access';

/** What a client proposes. Everything is optional. The owner cannot choose more than a proposed limit. */
export interface AiAccessRequest {
  /** The models and capabilities that the object names. Those of the `scope` parameter are not included. */
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly lifetimeSeconds: number | undefined;
  /** One line in the client's own words. The consent page says that they are the client's. */
  readonly reason: string | undefined;
}

export type AiAccessParse =
  | { readonly ok: true; readonly request: AiAccessRequest }
  | { readonly ok: false; readonly message: string };

/** The members that are not limits. */
const otherMembers = ['type', 'models', 'capabilities', 'expires_in', 'reason'];
const maxReasonLength = 300;

/**
 * Reads one `authorization_details` object of type `ai_access`. Messages name the field and the rule, but not the
 * value.
 */
export function parseAiAccess(detail: Readonly<Record<string, unknown>>, catalogue: ModelCatalogue): AiAccessParse {
  const isKnown = (member: string) => otherMembers.includes(member) || findLimitOfMember(member) !== undefined;
  if (!Object.keys(detail).every(isKnown)) return { ok: false, message: 'ai_access has an unknown member' };
  const modelTokens = parseNames(detail.models, (name) => parseScopeToken(`model:${name}`, catalogue));
  if (modelTokens === undefined) return { ok: false, message: 'models must be a list of known model identifiers' };
  const capabilityTokens = parseNames(detail.capabilities, (name) => parseScopeToken(`cap:${name}`, catalogue));
  if (capabilityTokens === undefined)
    return { ok: false, message: 'capabilities must be a list of known capabilities' };
  const parsed = parseLimitMembers(detail);
  if (!parsed.ok) return parsed;
  const { limits } = parsed;
  const lifetimeSeconds = parseCount(detail.expires_in, {
    min: lifetimeBounds.minSeconds,
    max: lifetimeBounds.maxSeconds,
  });
  if (lifetimeSeconds === null)
    return { ok: false, message: 'expires_in must be a whole number of seconds, from one minute to one year' };
  const reason = parseReason(detail.reason);
  if (reason === null) return { ok: false, message: `reason must be a text of at most ${maxReasonLength} characters` };
  const tokens = [...modelTokens, ...capabilityTokens];
  return { ok: true, request: { tokens, limits, lifetimeSeconds, reason } };
}

/**
 * Reads a list of at most 100 names. An absent list counts as an empty one.
 * @returns undefined when `value` is not a list, has too many names, or contains an unknown name
 */
function parseNames(value: unknown, parse: (name: string) => ScopeToken | undefined): ScopeToken[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > 100) return undefined;
  const tokens = value.map((name) => (typeof name === 'string' ? parse(name) : undefined));
  return tokens.every((token) => token !== undefined) ? tokens : undefined;
}

function parseReason(value: unknown): string | undefined | null {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > maxReasonLength) return null;
  const line = value
    // Control characters and invisible formatting characters could reorder or hide text on the consent page.
    .replace(/[\p{Zs}\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
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
