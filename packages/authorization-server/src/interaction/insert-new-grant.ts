import type { Database } from '@aipassport/store';
import { findClient, insertGrant, insertNotice, type NewGrant } from '@aipassport/store/authorization';

/**
 * Inserts a grant that its owner has just made, and tells them by e-mail.
 * @param hadAccess whether the owner has allowed this client before; then the e-mail does not call the app new
 * @returns whether the grant was inserted
 */
export async function insertNewGrant(transaction: Database, grant: NewGrant, hadAccess: boolean): Promise<boolean> {
  const { id: grantId, accountId, clientId } = grant;
  if (!(await insertGrant(transaction, grant))) return false;
  const app = (await findClient(transaction, clientId))?.name ?? clientId;
  await insertNotice(transaction, { accountId, kind: 'new_app', detail: { app, grantId, hadAccess } });
  return true;
}
