import type { Database } from '@aipassport/store';
import { revokeGrant } from '@aipassport/store/authorization';
import type { RequestState } from '../context.js';
import { orUnavailable } from './errors.js';

/**
 * Makes oidc-provider answer a request in one transaction: see `currentDatabase`. If a grant has to end, it is revoked
 * after the transaction, because the reason is often an error, which rolls the transaction back.
 */
export async function inTransaction(
  db: Database,
  state: RequestState,
  work: (transaction: Database) => Promise<void>,
): Promise<void> {
  try {
    await orUnavailable(
      db.transaction().execute(async (transaction) => {
        state.transaction = transaction;
        await work(transaction);
      }),
    );
  } finally {
    delete state.transaction;
    if (state.grantToEnd !== undefined) await orUnavailable(revokeGrant(db, state.grantToEnd));
  }
}
