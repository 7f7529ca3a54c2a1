import { findGrant, type OwnerSession } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ChangedGrant, PendingInteraction } from '../oidc/interactions.js';

/**
 * The grant that a request changes, as it is now.
 * @returns undefined when the request makes a new grant; `ended` when the grant has ended, or belongs to another owner
 * or client
 */
export async function findChanged(
  { db }: Pick<Dependencies, 'db'>,
  { change, clientId }: Pick<PendingInteraction, 'change' | 'clientId'>,
  { accountId }: OwnerSession,
): Promise<ChangedGrant | 'ended' | undefined> {
  if (change === undefined) return undefined;
  const grant = await findGrant(db, change.grantId);
  const isOwn = grant?.accountId === accountId && grant.clientId === clientId;
  return grant?.state === 'active' && isOwn ? { action: change.action, grant } : 'ended';
}
