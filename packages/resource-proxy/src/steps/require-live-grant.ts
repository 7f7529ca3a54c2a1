import type { Database } from '@aipassport/store';
import { findGrantStatus, type GrantStatus } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/**
 * Reads a grant's row for a request that is answered without being counted. A used-up grant is still live.
 * @throws Denied when the grant has ended
 */
export async function requireLiveGrant(
  { db }: { readonly db: Database },
  { grantId }: AccessTokenClaims,
): Promise<GrantStatus> {
  const status = await findGrantStatus(db, grantId);
  if (status === undefined) throw new Denied({ reason: 'grant_unknown' });
  switch (status.state) {
    case 'active':
      return status;
    case 'revoked':
      throw new Denied({ reason: 'grant_revoked' });
    case 'expired':
      throw new Denied({ reason: 'grant_expired' });
  }
}
