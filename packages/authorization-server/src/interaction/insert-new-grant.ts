import { findClient, insertGrant, insertNotice, type NewGrant } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';

/** Inserts a grant that its owner has just made, and tells them by e-mail. `db` is a transaction. */
export async function insertNewGrant({ db }: Pick<Dependencies, 'db'>, grant: NewGrant): Promise<void> {
  const { id: grantId, accountId, clientId } = grant;
  await insertGrant(db, grant);
  const app = (await findClient(db, clientId))?.name ?? clientId;
  await insertNotice(db, { accountId, kind: 'new_app', detail: { app, grantId } });
}
