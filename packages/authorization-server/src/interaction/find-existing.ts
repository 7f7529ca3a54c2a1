import { type ExistingAccess, findExistingAccess, type OwnerSession } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ConsentRequest } from '../oidc/interactions.js';

/**
 * The access that a client has already when it asks for a new grant.
 * @returns undefined when it has none, or when the request changes a grant
 */
export async function findExisting(
  { db }: Pick<Dependencies, 'db'>,
  { changed, clientId }: Pick<ConsentRequest, 'changed' | 'clientId'>,
  { accountId }: Pick<OwnerSession, 'accountId'>,
): Promise<ExistingAccess | undefined> {
  return changed === undefined ? findExistingAccess(db, { accountId, clientId }) : undefined;
}
