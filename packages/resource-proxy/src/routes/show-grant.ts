import type { ResourceProxyComponents } from '@aipassport/contracts';
import { formatDecimalUsd, formatLimitMembers, formatScope } from '@aipassport/policy';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import { requireLiveGrant } from '../steps/require-live-grant.js';

type Grant = ResourceProxyComponents['schemas']['Grant'];

/** Shows a client its own grant. The scope is the token's, which may be narrower than the grant's. */
export async function showGrant(
  deps: ProxyDependencies,
  exchange: Exchange,
  claims: AccessTokenClaims,
): Promise<Grant> {
  const { id, clientId, limits, usage, createdAt, expiresAt } = await requireLiveGrant(deps, exchange, claims);
  return {
    id,
    client_id: clientId,
    scope: formatScope(claims.tokens),
    limits: formatLimitMembers(limits),
    used: {
      requests: usage.requests,
      cost_usd: formatDecimalUsd(usage.spent),
      held_usd: formatDecimalUsd(usage.reserved),
      streams: usage.openStreams,
    },
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}
