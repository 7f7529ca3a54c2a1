/** What the proxy tells a client about its own grant. */
export interface Grant {
  readonly maxRequests: number | undefined;
  readonly usedRequests: number;
  readonly maxRequestsPerMinute: number | undefined;
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

/** Asks the proxy what is left. This costs the owner nothing and counts as no request. */
export async function getGrant(resourceProxyUrl: string, accessToken: string): Promise<Grant> {
  const response = await fetch(`${resourceProxyUrl}/v1/grant`, {
    headers: { authorization: `Bearer ${accessToken}` },
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new GrantRefusedError(response.status);
  return parseGrant(await response.json());
}

function parseGrant(body: unknown): Grant {
  const {
    limits,
    used,
    expires_at: expiresAt,
  } = body as {
    limits: { max_requests?: number; max_requests_per_minute?: number };
    used: { requests: number };
    expires_at: string;
  };
  return {
    maxRequests: limits.max_requests,
    usedRequests: used.requests,
    maxRequestsPerMinute: limits.max_requests_per_minute,
    expiresAt: new Date(expiresAt),
  };
}
