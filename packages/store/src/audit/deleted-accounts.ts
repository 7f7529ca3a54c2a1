import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import type { AuditFault } from './audit-fault.js';
import { type AuditKeys, digestAccount } from './seal-codes.js';

/**
 * For each account id that now replaces the id of a deleted account in its events: the account digests that the seals
 * of these events may have.
 */
export type DeletedAccounts = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads the digests from the events of the deletions, which are sealed like every event. */
export async function listDeletedAccounts(snapshot: Database): Promise<DeletedAccounts> {
  const { rows } = await sql<{ account_id: string; digests: readonly string[] }>`
    select account_id, array(select jsonb_array_elements_text(detail -> 'sealed_as')) as digests from audit_events
    where event = 'account_deleted' and jsonb_typeof(detail -> 'sealed_as') = 'array' and account_id is not null`.execute(
    snapshot,
  );
  return new Map(rows.map(({ account_id, digests }) => [account_id, new Set(digests)]));
}

const pageSize = 5_000;

/**
 * Searches for an account that exists, although an event says that the account with its digest was deleted.
 * @returns the first such account as a fault; undefined when there is none
 */
export async function findFalseDeletion(
  snapshot: Database,
  keys: AuditKeys,
  deleted: DeletedAccounts,
): Promise<AuditFault | undefined> {
  const digests = new Set([...deleted.values()].flatMap((each) => [...each]));
  if (digests.size === 0) return undefined;
  for (let after = ''; ; ) {
    const accounts = await snapshot
      .selectFrom('accounts')
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .limit(pageSize)
      .execute();
    const found = accounts.find(({ id }) => keys.some((key) => digests.has(digestAccount(key, id) ?? '')));
    if (found !== undefined) return { kind: 'account_exists', accountId: found.id };
    if (accounts.length < pageSize) return undefined;
    after = accounts.at(-1)?.id ?? after;
  }
}
