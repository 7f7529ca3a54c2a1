import { type Database, withRequestSource } from '@aipassport/store';
import { revokeGrant } from '@aipassport/store/authorization';
import type { RequestState } from '../context.js';
import { type IdentifiedRequest, requestSourceOf } from '../for-request.js';
import { orUnavailable } from './errors.js';

/**
 * Makes oidc-provider answer a request in one transaction: see `currentDatabase`. If a grant has to end, it is revoked
 * after the transaction, because the reason is often an error, which rolls the transaction back.
 */
export async function inTransaction(
  pool: Database,
  request: IdentifiedRequest,
  work: (transaction: Database) => Promise<void>,
): Promise<void> {
  const state = request.state as RequestState;
  const db = withRequestSource(pool, requestSourceOf(request));
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
