import type { ResourceProxyComponents } from '@aipassport/contracts';
import { allowsToken, formatDecimalUsd, formatLimitMembers, formatScope } from '@aipassport/policy';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import { requireLiveGrant } from '../steps/require-live-grant.js';

type Grant = ResourceProxyComponents['schemas']['Grant'];

/**
 * Shows a client its own grant. The scope is the scope of the access token, without the parts that the grant no longer
 * allows. The grant may allow more than the access token.
 */
export async function showGrant(
  deps: ProxyDependencies,
  exchange: Exchange,
  claims: AccessTokenClaims,
): Promise<Grant> {
  const grant = await requireLiveGrant(deps, exchange, claims);
  const { id, clientId, tokens, limits, usage, createdAt, expiresAt } = grant;
  return {
    id,
    client_id: clientId,
    scope: formatScope(claims.tokens.filter((token) => allowsToken(tokens, token))),
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
