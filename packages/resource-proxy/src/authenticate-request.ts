import { allowOriginOfClient } from './cors/allow-origin.js';
import type { ProxyDependencies } from './dependencies.js';
import type { Exchange } from './exchange.js';
import type { AccessTokenClaims } from './introspection/access-token-claims.js';
import { introspectToken } from './steps/introspect-token.js';
import { readAccessToken } from './steps/read-access-token.js';
import { refuseProviderKey } from './steps/refuse-provider-key.js';
import { requireProof } from './steps/require-proof.js';

/**
 * Authenticates a request by its access token, and by a proof if the token is bound to a client's key. Used for
 * forwarded requests and for the path that shows a grant. The origin of the client is allowed (CORS) before the proof
 * is checked, so that a web page of the client can read an error about the proof.
 *
 * @throws Denied 400 or 401, and 503 while the token cannot be checked
 */
export async function authenticateRequest(deps: ProxyDependencies, exchange: Exchange): Promise<AccessTokenClaims> {
  const credential = readAccessToken(exchange.request.rawHeaders);
  exchange.scheme = credential.scheme;
  refuseProviderKey(deps.models.upstreams.entries, credential.token);
  const claims = await introspectToken(deps, credential.token, exchange.requestId);
  exchange.claims = claims;
  await allowOriginOfClient(deps, exchange);
  await requireProof(deps, exchange, credential);
  return claims;
}
