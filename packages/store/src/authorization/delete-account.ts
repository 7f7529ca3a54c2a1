import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { retryDeadlocks } from '../database/retry-deadlocks.js';
import { deleteArtifactsOf } from './artifacts.js';
import { revokeGrantsOfAccount } from './revoke-grant.js';

/** The most rows that one statement changes, so that no statement reaches the time limit. */
const rowsInStep = 20_000;

/**
 * Deletes an account, in one transaction. Once this has returned, no replica admits a request of the account, and the
 * proxies cut its streams. The rows of the ledger and of the audit log stay, with a random account id that belongs to
 * no account.
 * @returns false when there is no such account, for instance because it was deleted a moment ago
 */
export async function deleteAccount(db: Database, accountId: string): Promise<boolean> {
  const pseudonym = `deleted-${randomUUID()}`;
  const ended = await retryDeadlocks(() =>
    db.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ found: boolean }>`select lock_account(${accountId}) as found`.execute(transaction);
      if (rows[0]?.found !== true) return undefined;
      const revoked = await revokeGrantsOfAccount(transaction, { accountId, reason: 'owner', revokedBy: pseudonym });
      while ((await anonymize(transaction, accountId, pseudonym)) > 0);
      await sql`delete from artifacts
      where model in ('Session', 'Interaction') and payload ->> 'accountId' = ${accountId}`.execute(transaction);
      await sql`select delete_account(${accountId}, ${pseudonym})`.execute(transaction);
      return revoked;
    }),
  );
  await deleteArtifactsOf(db, ended ?? []);
  return ended !== undefined;
}

async function anonymize(transaction: Database, accountId: string, pseudonym: string): Promise<number> {
  const { rows } = await sql<{ changed: number }>`
    select anonymize_account(${accountId}, ${pseudonym}, ${rowsInStep}) as changed`.execute(transaction);
  return rows[0]?.changed ?? 0;
}
