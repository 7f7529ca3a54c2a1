import type { Database } from '@aipassport/store';
import { revokeGrant } from '@aipassport/store/authorization';
import type { RequestState } from '../context.js';
import { orUnavailable } from './errors.js';

/**
 * Has oidc-provider answer a request in one transaction: see `currentDatabase`. A grant that is to end is revoked after
 * it, for that is often together with an error, which rolls the transaction back.
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
