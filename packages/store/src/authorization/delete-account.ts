import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { passRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { retryDeadlocks } from '../database/retry-deadlocks.js';
import { deleteArtifactsOf } from './artifacts.js';
import { insertNotice } from './insert-mail.js';
import { hasRole, isOnlyOperator } from './only-operator.js';
import { deleteOwnedClients, listOwnedClientIds } from './owned-clients.js';
import { type RevocationReason, revokeGrantsOfAccount } from './revoke-grant.js';

/** The most rows that one statement changes, so that no statement reaches the time limit. */
const rowsInStep = 20_000;

/**
 * Deletes an account with the clients that it registered. Once this has returned, no replica admits a request of the
 * account or of these clients, and the proxies cut their streams. The rows of the ledger and of the audit log stay,
 * with a random account id that belongs to no account.
 *
 * The clients are deleted first, so that no client is left without an account that can manage it. If the deletion is
 * interrupted, the owner can repeat it.
 * @param by who deletes the account
 * @returns false when there is no such account, for instance because it was deleted a moment ago
 */
export async function deleteAccount(db: Database, accountId: string, by: Deletion['by'] = 'owner'): Promise<boolean> {
  return (await deleteUnless(db, { accountId, by, keepsOperator: false })) === true;
}

/**
 * As `deleteAccount`, but never deletes the only operator who can sign in.
 * @returns `only_operator` when nothing was deleted for that reason
 */
export async function deleteReplaceableAccount(
  db: Database,
  accountId: string,
  by: Deletion['by'] = 'owner',
): Promise<boolean | 'only_operator'> {
  return deleteUnless(db, { accountId, by, keepsOperator: true });
}

interface Deletion {
  readonly accountId: string;
  readonly by: Extract<RevocationReason, 'owner' | 'operator'>;
  readonly keepsOperator: boolean;
}

async function deleteUnless(db: Database, deletion: Deletion): Promise<boolean | 'only_operator'> {
  const { accountId, keepsOperator } = deletion;
  for (;;) {
    // checked here before anything is deleted, and again in the transaction of the deletion
    if (keepsOperator && (await inTransaction(db, (transaction) => isOnlyOperator(transaction, accountId))))
      return 'only_operator';
    await deleteOwnedClients(db, accountId);
    const outcome = await retryDeadlocks(() =>
      inTransaction(db, (transaction) => deleteWithoutClients(transaction, deletion)),
    );
    if (outcome === 'has_changed') continue;
    if (outcome === 'only_operator') return outcome;
    await deleteArtifactsOf(db, outcome ?? []);
    return outcome !== undefined;
  }
}

/**
 * @returns the grants that ended; `has_changed` when the account has registered a client or become an operator in the
 *          meantime, and undefined when there is no such account: then nothing is deleted
 */
async function deleteWithoutClients(
  transaction: Database,
  { accountId, by, keepsOperator }: Deletion,
): Promise<readonly string[] | 'has_changed' | 'only_operator' | undefined> {
  const pseudonym = `deleted-${randomUUID()}`;
  // `isOnlyOperator` is called only for operators: it takes one lock for all of them, and a deletion can take long.
  const isOperator = await hasRole(transaction, accountId);
  if (isOperator && (await isOnlyOperator(transaction, accountId)) && keepsOperator) return 'only_operator';
  const { rows } = await sql<{ found: boolean }>`select lock_account(${accountId}) as found`.execute(transaction);
  if (rows[0]?.found !== true) return undefined;
  // a registration, and a change of the role, wait for the lock of the account
  if ((await listOwnedClientIds(transaction, accountId)).length > 0) return 'has_changed';
  if (!isOperator && (await hasRole(transaction, accountId))) return 'has_changed';
  const revoked = await revokeGrantsOfAccount(transaction, {
    accountId,
    reason: by,
    revokedBy: by === 'operator' ? by : pseudonym,
  });
  while ((await anonymize(transaction, accountId, pseudonym)) > 0);
  await sql`delete from artifacts
    where model in ('Session', 'Interaction') and payload ->> 'accountId' = ${accountId}`.execute(transaction);
  await insertDeletionMail(transaction, accountId);
  await passRequestSource(transaction);
  await sql`select delete_account(${accountId}, ${pseudonym})`.execute(transaction);
  return revoked;
}

/** Tells the owner about the deletion, at the e-mail address that the account had. */
async function insertDeletionMail(transaction: Database, accountId: string): Promise<void> {
  const { rows } = await sql<{ timeZone: string }>`
    select time_zone as "timeZone" from accounts where id = ${accountId}`.execute(transaction);
  for (const detail of rows) await insertNotice(transaction, { accountId, kind: 'account_deleted', detail });
}

async function anonymize(transaction: Database, accountId: string, pseudonym: string): Promise<number> {
  const { rows } = await sql<{ changed: number }>`
    select anonymize_account(${accountId}, ${pseudonym}, ${rowsInStep}) as changed`.execute(transaction);
  return rows[0]?.changed ?? 0;
}
