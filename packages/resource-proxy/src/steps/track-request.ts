import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { LiveRequest, LiveRequests } from '../revocation/live-requests.js';

/**
 * Registers a request under its grant until its exchange closes. This happens before the admission, so that a
 * revocation that commits right after the admission finds the request.
 */
export function trackRequest(
  { liveRequests }: { readonly liveRequests: LiveRequests },
  { response, cleanups }: Exchange,
  { grantId }: AccessTokenClaims,
): LiveRequest {
  const live = liveRequests.open(grantId);
  cleanups.push(() => liveRequests.close(grantId, live));
  response.once('close', () => {
    if (!response.writableFinished) live.cut('client_left');
  });
  return live;
}
