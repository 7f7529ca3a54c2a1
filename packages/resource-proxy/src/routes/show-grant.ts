import type { ResourceProxyComponents } from '@aipassport/contracts';
import { formatScope } from '@aipassport/policy';
import type { ProxyDependencies } from '../dependencies.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import { requireLiveGrant } from '../steps/require-live-grant.js';

type Grant = ResourceProxyComponents['schemas']['Grant'];

/** What a client may know of its own grant. The scope is the token's, which may be narrower than the grant's. */
export async function showGrant(deps: ProxyDependencies, claims: AccessTokenClaims): Promise<Grant> {
  const { id, clientId, limits, usedRequests, createdAt, expiresAt } = await requireLiveGrant(deps, claims);
  const { maxRequests, maxRequestsPerMinute } = limits;
  return {
    id,
    client_id: clientId,
    scope: formatScope(claims.tokens),
    limits: {
      ...(maxRequests === undefined ? {} : { max_requests: maxRequests }),
      ...(maxRequestsPerMinute === undefined ? {} : { max_requests_per_minute: maxRequestsPerMinute }),
    },
    used: { requests: usedRequests },
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}
