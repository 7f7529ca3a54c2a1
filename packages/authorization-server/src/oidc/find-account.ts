import type { Database } from '@aipassport/store';
import { findAccount } from '@aipassport/store/authorization';
import type { FindAccount } from 'oidc-provider';
import { currentDatabase } from './current-database.js';
import { orUnavailable } from './errors.js';

/** Finds an account for oidc-provider. A disabled account is not found, so nothing is issued for it. */
export function createAccountFinder(pool: Database): FindAccount {
  return async (_ctx, accountId) => {
    const account = await orUnavailable(findAccount(currentDatabase(pool), accountId));
    if (account === undefined || account.disabledAt !== undefined) return undefined;
    return { accountId, claims: () => ({ sub: accountId }) };
  };
}
