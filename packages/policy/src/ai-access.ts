import type { ModelCatalogue } from './catalogue/model-catalogue.js';
import { type Limits, lifetimeBounds, limitMaxima, noLimits } from './limits.js';
import { formatDecimalUsd, parseUsd } from './money/nano-usd.js';
import { parseScopeToken, type ScopeToken } from './scope/scope-token.js';

/** The type of our `authorization_details` (RFC 9396 section 2). */
export const aiAccessType = 'ai_access';

/** What a client proposes; everything is optional, and each limit is an upper bound for what the owner may choose. */
export interface AiAccessRequest {
  /** Models and capabilities named here, besides those of the `scope` parameter. */
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly lifetimeSeconds: number | undefined;
  /** The client's own words, one line, shown to the owner as such. */
  readonly reason: string | undefined;
}

export type AiAccessParse =
  | { readonly ok: true; readonly request: AiAccessRequest }
  | { readonly ok: false; readonly message: string };

const counts = {
  max_requests: 'maxRequests',
  max_requests_per_minute: 'maxRequestsPerMinute',
  max_tokens_per_minute: 'maxTokensPerMinute',
  max_streams: 'maxStreams',
} as const;
const amounts = {
  max_cost_usd: 'maxCost',
  max_cost_usd_per_day: 'maxCostPerDay',
  max_cost_usd_per_month: 'maxCostPerMonth',
} as const;
const fields = [
  'type',
  'models',
  'capabilities',
  'expires_in',
  'reason',
  ...Object.keys(counts),
  ...Object.keys(amounts),
];
const maxReasonLength = 300;

/** Reads one `authorization_details` object of type `ai_access`. Messages name the field and the rule, never the value. */
export function parseAiAccess(detail: Readonly<Record<string, unknown>>, catalogue: ModelCatalogue): AiAccessParse {
  const unknown = Object.keys(detail).find((field) => !fields.includes(field));
  if (unknown !== undefined) return { ok: false, message: 'ai_access has a member that is not known' };
  const modelTokens = parseNames(detail.models, (name) => parseScopeToken(`model:${name}`, catalogue));
  if (modelTokens === undefined) return { ok: false, message: 'models must be a list of known model identifiers' };
  const capabilityTokens = parseNames(detail.capabilities, (name) => parseScopeToken(`cap:${name}`, catalogue));
  if (capabilityTokens === undefined)
    return { ok: false, message: 'capabilities must be a list of known capabilities' };
  const limits = parseLimits(detail);
  if (typeof limits === 'string') return { ok: false, message: limits };
  const lifetimeSeconds = parseBounded(detail.expires_in, lifetimeBounds.minSeconds, lifetimeBounds.maxSeconds);
  if (lifetimeSeconds === null)
    return { ok: false, message: 'expires_in must be a whole number of seconds, from one minute to one year' };
  const reason = parseReason(detail.reason);
  if (reason === null) return { ok: false, message: `reason must be a text of at most ${maxReasonLength} characters` };
  const tokens = [...modelTokens, ...capabilityTokens];
  return { ok: true, request: { tokens, limits, lifetimeSeconds, reason } };
}

/** @returns undefined when `value` is no list of names that `parse` knows; an absent list is empty */
function parseNames(value: unknown, parse: (name: string) => ScopeToken | undefined): ScopeToken[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > 100) return undefined;
  const tokens = value.map((name) => (typeof name === 'string' ? parse(name) : undefined));
  return tokens.every((token) => token !== undefined) ? tokens : undefined;
}

/** @returns what is wrong, when something is */
function parseLimits(detail: Readonly<Record<string, unknown>>): Limits | string {
  const limits: { -readonly [K in keyof Limits]: Limits[K] } = { ...noLimits };
  for (const [member, kind] of Object.entries(counts)) {
    const value = parseBounded(detail[member], 1, limitMaxima[kind]);
    if (value === null) return `${member} must be a positive whole number`;
    limits[kind] = value;
  }
  for (const [member, kind] of Object.entries(amounts)) {
    const value = parseAmount(detail[member], limitMaxima[kind]);
    if (value === null) return `${member} must be a positive amount of US dollars`;
    limits[kind] = value;
  }
  return limits;
}

/** A JSON number or a decimal text. @returns null for a value that is there and is no positive amount */
function parseAmount(value: unknown, max: bigint): bigint | undefined | null {
  if (value === undefined) return undefined;
  const amount = typeof value === 'number' || typeof value === 'string' ? parseUsd(String(value)) : undefined;
  return amount !== undefined && amount > 0n && amount <= max ? amount : null;
}

/** @returns null for a value that is there and out of bounds */
function parseBounded(value: unknown, min: number, max: number): number | undefined | null {
  if (value === undefined) return undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max ? value : null;
}

function parseReason(value: unknown): string | undefined | null {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > maxReasonLength) return null;
  const line = value
    // Control characters, and the invisible ones that reorder or hide text, could make the page say something else.
    .replace(/[\p{Zs}\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line === '' ? undefined : line;
}

export interface LimitMembers {
  readonly max_requests?: number;
  readonly max_requests_per_minute?: number;
  readonly max_tokens_per_minute?: number;
  readonly max_streams?: number;
  /** Decimal texts, exact to the nano-dollar. */
  readonly max_cost_usd?: string;
  readonly max_cost_usd_per_day?: string;
  readonly max_cost_usd_per_month?: string;
}

/** What was granted, in the members of RFC 9396, for the token response, the JWT and introspection. */
export interface AiAccessDetail extends LimitMembers {
  readonly type: typeof aiAccessType;
  readonly models: readonly string[];
  readonly capabilities: readonly string[];
  /** NumericDate of the grant's end. */
  readonly expires_at: number;
}

export function formatAiAccess(tokens: readonly ScopeToken[], limits: Limits, expiresAt: Date): AiAccessDetail {
  return {
    type: aiAccessType,
    models: tokens.flatMap((token) => (token.kind === 'capability' ? [] : [token.text.slice('model:'.length)])),
    capabilities: tokens.flatMap((token) => (token.kind === 'capability' ? [token.capability] : [])),
    ...formatLimitMembers(limits),
    expires_at: Math.floor(expiresAt.getTime() / 1000),
  };
}

/** The limits that there are, by the names that clients know them by. */
export function formatLimitMembers(limits: Limits): LimitMembers {
  return {
    ...collect(counts, (kind) => limits[kind]),
    ...collect(amounts, (kind) => (limits[kind] === undefined ? undefined : formatDecimalUsd(limits[kind]))),
  };
}

/** The members that have a value. */
function collect<M extends string, K, V>(
  kinds: Readonly<Record<M, K>>,
  valueOf: (kind: K) => V | undefined,
): { [key in M]?: V } {
  const collected: { [key in M]?: V } = {};
  for (const member of Object.keys(kinds) as M[]) {
    const value = valueOf(kinds[member]);
    if (value !== undefined) collected[member] = value;
  }
  return collected;
}
