import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { LiveRequest, LiveRequests } from '../revocation/live-requests.js';

/**
 * Makes a request known by its grant, until its exchange closes. Before it is admitted: a revocation that commits
 * right after the admission then finds it.
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
