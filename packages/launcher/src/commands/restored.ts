import type { Database } from '@aipassport/store';
import { endRestoredAccess, findAccountByEmail } from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

export interface RestoreOptions {
  /** The e-mail addresses of the accounts whose overall limit keeps the spending that is in the backup. */
  readonly keepSpending?: readonly string[];
}

/**
 * `restored`: ends everything in a restored database that may have been revoked or spent since the backup was made. The
 * database does not know what that was, so all of it ends.
 */
export async function endAccessAfterRestore(
  { environment, print }: CommandContext,
  { keepSpending = [] }: RestoreOptions,
): Promise<void> {
  const { grants, accounts } = await withDatabase(environment, async (db) =>
    endRestoredAccess(db, await findAccountIds(db, keepSpending)),
  );
  print(`${grants} grants ended, and all sessions, API tokens, links and unused invitations.`);
  print(`The overall limit of ${accounts} accounts counts as used up for this month.`);
  print('Start the servers. Then repeat what the backup does not know: see “Backup” in docs/operations.md.');
}

async function findAccountIds(db: Database, emails: readonly string[]): Promise<readonly string[]> {
  const accounts = await Promise.all(emails.map((email) => findAccountByEmail(db, email)));
  const unknown = emails.filter((_, index) => accounts[index] === undefined);
  if (unknown.length > 0) throw new Error(`There is no account for ${unknown.join(', ')}. Nothing was changed.`);
  return accounts.flatMap((account) => account?.id ?? []);
}
