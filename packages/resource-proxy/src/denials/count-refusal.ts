import type { RefusalCounts } from '@aipassport/store';
import type { Exchange } from '../exchange.js';
import { Denied } from './denial.js';
import { whereRecorded } from './where-recorded.js';

/**
 * Counts, for the audit log, a request that is refused because of what the owner or the operator allows. Other refusals
 * are only logged: they concern the form of the request, its token, or an outage.
 */
export function countRefusal(
  { refusals }: { readonly refusals: RefusalCounts },
  { requestId, claims }: Pick<Exchange, 'requestId' | 'claims'>,
  error: unknown,
): void {
  if (claims === undefined || !(error instanceof Denied) || whereRecorded(error.denial.reason) !== 'counted') return;
  const { accountId, clientId, grantId } = claims;
  refusals.count({
    event: 'request_refused',
    reason: error.denial.reason,
    accountId,
    clientId,
    grantId,
    requestId,
  });
}
