import type { Database } from '@aipassport/store';
import { type Admission, admitRequest } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import { denialOfCut } from '../forwarding/denial-of-cut.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { LiveRequest } from '../revocation/live-requests.js';

/** A request that was counted. What it reserves besides is settled by `settle`. */
export interface Reservation {
  readonly grantId: string;
  readonly admission: Extract<Admission, { verdict: 'admitted' }>;
}

/**
 * Asks the grant's row, in one statement and by the database's clock, and counts the request when it may pass.
 * Nothing is forwarded before the answer is here, and no answer of an earlier request is used for a later one.
 *
 * @throws Denied
 */
export async function admit(
  { db }: { readonly db: Database },
  { grantId }: AccessTokenClaims,
  live: LiveRequest,
): Promise<Reservation> {
  // Nobody is there any more, for instance: then nothing is counted.
  if (live.cutReason !== undefined) throw new Denied(denialOfCut(live.cutReason));
  const admission = await admitRequest(db, { grantId });
  switch (admission.verdict) {
    case 'admitted':
      return { grantId, admission };
    case 'unknown':
      throw new Denied({ reason: 'grant_unknown' });
    case 'revoked':
      throw new Denied({ reason: 'grant_revoked' });
    case 'expired':
      throw new Denied({ reason: 'grant_expired' });
    case 'request_limit_reached':
      throw new Denied({ reason: 'request_limit_reached' });
    case 'rate_limited':
      throw new Denied({ reason: 'rate_limited', retryAfterSeconds: admission.retryAfterSeconds });
  }
}
