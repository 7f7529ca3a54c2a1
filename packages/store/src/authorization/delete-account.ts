import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { passRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { retryDeadlocks } from '../database/retry-deadlocks.js';
import { deleteArtifactsOf } from './artifacts.js';
import { insertNotice } from './insert-mail.js';
import { deleteOwnedClients, listOwnedClientIds } from './owned-clients.js';
import { type RevocationReason, revokeGrantsOfAccount } from './revoke-grant.js';

/** The most rows that one statement changes, so that no statement reaches the time limit. */
const rowsInStep = 20_000;

/**
 * Deletes an account with the clients that it registered. Once this has returned, no replica admits a request of the
 * account or of these clients, and the proxies cut their streams. The rows of the ledger and of the audit log stay,
 * with a random account id that belongs to no account.
 *
 * The clients are deleted first, so that none is left without an account that can manage it. If this is interrupted,
 * the owner can repeat it.
 * @param by who deletes the account
 * @returns false when there is no such account, for instance because it was deleted a moment ago
 */
export async function deleteAccount(
  db: Database,
  accountId: string,
  by: Extract<RevocationReason, 'owner' | 'operator'> = 'owner',
): Promise<boolean> {
  for (;;) {
    await deleteOwnedClients(db, accountId);
    const outcome = await retryDeadlocks(() =>
      inTransaction(db, (transaction) => deleteWithoutClients(transaction, accountId, by)),
    );
    if (outcome === 'has_clients') continue;
    await deleteArtifactsOf(db, outcome ?? []);
    return outcome !== undefined;
  }
}

/**
 * @returns the grants that ended; `has_clients` when the account has registered a client in the meantime, and undefined
 *          when there is no such account: then nothing is deleted
 */
async function deleteWithoutClients(
  transaction: Database,
  accountId: string,
  by: 'owner' | 'operator',
): Promise<readonly string[] | 'has_clients' | undefined> {
  const pseudonym = `deleted-${randomUUID()}`;
  const { rows } = await sql<{ found: boolean }>`select lock_account(${accountId}) as found`.execute(transaction);
  if (rows[0]?.found !== true) return undefined;
  // a registration waits for the lock of the account
  if ((await listOwnedClientIds(transaction, accountId)).length > 0) return 'has_clients';
  const revoked = await revokeGrantsOfAccount(transaction, {
    accountId,
    reason: by,
    revokedBy: by === 'operator' ? by : pseudonym,
  });
  while ((await anonymize(transaction, accountId, pseudonym)) > 0);
  await sql`delete from artifacts
    where model in ('Session', 'Interaction') and payload ->> 'accountId' = ${accountId}`.execute(transaction);
  await insertFarewell(transaction, accountId);
  await passRequestSource(transaction);
  await sql`select delete_account(${accountId}, ${pseudonym})`.execute(transaction);
  return revoked;
}

/** Tells the owner, at the e-mail address that the account had. */
async function insertFarewell(transaction: Database, accountId: string): Promise<void> {
  const { rows } = await sql<{ timeZone: string }>`
    select time_zone as "timeZone" from accounts where id = ${accountId}`.execute(transaction);
  for (const detail of rows) await insertNotice(transaction, { accountId, kind: 'account_deleted', detail });
}

async function anonymize(transaction: Database, accountId: string, pseudonym: string): Promise<number> {
  const { rows } = await sql<{ changed: number }>`
    select anonymize_account(${accountId}, ${pseudonym}, ${rowsInStep}) as changed`.execute(transaction);
  return rows[0]?.changed ?? 0;
}
