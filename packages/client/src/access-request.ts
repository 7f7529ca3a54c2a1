/** The access that a client asks the owner for. The owner may allow less. */
export interface AccessRequest {
  /** Scope tokens with spaces between them: `model:<name>` and `cap:<name>`. */
  readonly scope: string;
  readonly limits?: AccessLimits;
  /** One sentence for the owner. */
  readonly reason?: string;
}

/** Limits of a grant. */
export interface AccessLimits {
  readonly maxRequests?: number;
  /** US dollars, as decimal text such as `2.50`. */
  readonly maxCostUsd?: string;
  readonly maxCostUsdPerDay?: string;
  readonly maxCostUsdPerMonth?: string;
  readonly maxRequestsPerMinute?: number;
  readonly maxTokensPerMinute?: number;
  /** Streamed answers at a time. */
  readonly maxStreams?: number;
  /** How long the access lasts. */
  readonly lifetimeSeconds?: number;
}

const members = {
  maxRequests: 'max_requests',
  maxCostUsd: 'max_cost_usd',
  maxCostUsdPerDay: 'max_cost_usd_per_day',
  maxCostUsdPerMonth: 'max_cost_usd_per_month',
  maxRequestsPerMinute: 'max_requests_per_minute',
  maxTokensPerMinute: 'max_tokens_per_minute',
  maxStreams: 'max_streams',
  lifetimeSeconds: 'expires_in',
} as const satisfies Readonly<Record<keyof AccessLimits, string>>;

/** The parameters of an access request: `scope`, and `authorization_details` (RFC 9396) for limits or a reason. */
export function buildAccessParameters(request: Partial<AccessRequest>): Readonly<Record<string, string>> {
  const { scope, limits = {}, reason } = request;
  const proposed = Object.entries(members).flatMap(([name, member]) => {
    const value = limits[name as keyof AccessLimits]; // a key of `members`, which has exactly these
    return value === undefined ? [] : [[member, value] as const];
  });
  const hasDetails = proposed.length > 0 || reason !== undefined;
  const details = { type: 'ai_access', ...Object.fromEntries(proposed), ...(reason !== undefined && { reason }) };
  return {
    ...(scope !== undefined && { scope }),
    ...(hasDetails && { authorization_details: JSON.stringify([details]) }),
  };
}
