import { type NanoUsd, parseUsd } from './format-usd.js';

/** The facts that the proxy reports to a client about its own grant. An absent limit means that there is no limit. */
export interface Grant {
  readonly maxRequests: number | undefined;
  readonly usedRequests: number;
  readonly maxRequestsPerMinute: number | undefined;
  readonly maxTokensPerMinute: number | undefined;
  /** The number of streamed answers at a time. */
  readonly maxStreams: number | undefined;
  readonly maxCost: NanoUsd | undefined;
  readonly maxCostPerDay: NanoUsd | undefined;
  readonly maxCostPerMonth: NanoUsd | undefined;
  readonly spent: NanoUsd;
  /** Reserved for answers that are under way. */
  readonly reserved: NanoUsd;
  readonly expiresAt: Date;
}

/** The proxy answered, but not with a grant. */
export class GrantRefusedError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`GET /v1/grant answered ${status}`);
    this.status = status;
  }
}

/**
 * Fetches the remaining limits of the grant from the proxy. This costs the owner nothing and does not count as a
 * request.
 */
export async function getGrant(resourceProxyUrl: string, accessToken: string): Promise<Grant> {
  const response = await fetch(`${resourceProxyUrl}/v1/grant`, {
    headers: { authorization: `Bearer ${accessToken}` },
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new GrantRefusedError(response.status);
  return parseGrant(await response.json());
}

/** The grant's members as the proxy names them. Amounts of money are decimal texts. */
interface GrantBody {
  readonly limits: {
    readonly max_requests?: number;
    readonly max_requests_per_minute?: number;
    readonly max_tokens_per_minute?: number;
    readonly max_streams?: number;
    readonly max_cost_usd?: string;
    readonly max_cost_usd_per_day?: string;
    readonly max_cost_usd_per_month?: string;
  };
  readonly used: { readonly requests: number; readonly cost_usd: string; readonly held_usd: string };
  readonly expires_at: string;
}

function parseGrant(body: unknown): Grant {
  const { limits, used, expires_at: expiresAt } = body as GrantBody; // not checked: this app trusts the proxy
  return {
    maxRequests: limits.max_requests,
    usedRequests: used.requests,
    maxRequestsPerMinute: limits.max_requests_per_minute,
    maxTokensPerMinute: limits.max_tokens_per_minute,
    maxStreams: limits.max_streams,
    maxCost: parseLimit(limits.max_cost_usd),
    maxCostPerDay: parseLimit(limits.max_cost_usd_per_day),
    maxCostPerMonth: parseLimit(limits.max_cost_usd_per_month),
    spent: parseUsd(used.cost_usd),
    reserved: parseUsd(used.held_usd),
    expiresAt: new Date(expiresAt),
  };
}

function parseLimit(amount: string | undefined): NanoUsd | undefined {
  return amount === undefined ? undefined : parseUsd(amount);
}
