import type { Database } from '@aipassport/store';
import { findGrantStatus, findGrantStatusOnce, type GrantStatus } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/**
 * Reads a grant's row for a request that is answered without being counted. If the request has a proof, the same
 * statement marks that proof as used. A used-up grant is still live.
 *
 * @throws Denied when the grant is unknown or has ended, or another request has used the proof
 */
export async function requireLiveGrant(
  { db }: { readonly db: Database },
  exchange: Exchange,
  { grantId }: AccessTokenClaims,
): Promise<GrantStatus> {
  const status = await findStatus(db, exchange, grantId);
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

async function findStatus(
  db: Database,
  { id: requestId, proofHash }: Exchange,
  grantId: string,
): Promise<GrantStatus | undefined> {
  if (proofHash === undefined) return findGrantStatus(db, grantId);
  const status = await findGrantStatusOnce(db, grantId, { proofHash, requestId });
  if (status?.isProofUsed === true) throw new Denied({ reason: 'proof_used' });
  return status;
}
