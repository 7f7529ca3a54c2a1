import { sql } from 'kysely';
import type { Database } from './database/open-database.js';
import type { SealedProviderKey } from './proxying/provider-keys.js';

/** Owners who store a key queue behind a statement that waits for the table, so it stops waiting soon. */
const lockTimeoutMilliseconds = 1_000;
/** Any constant: whoever rotates holds this advisory lock. */
const lockKey = 7_205_759_404;

/**
 * Lets one rotation of the sealing key run at a time. The lock is the connection's: it ends with a process that dies.
 * @throws Error when another one runs at this moment
 */
export async function withSealingKeyRotation<T>(db: Database, work: (db: Database) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_lock(${lockKey}) as locked`.execute(
      connection,
    );
    if (rows[0]?.locked !== true)
      throw new Error('The sealing key is being rotated by another process at this moment.');
    try {
      return await work(connection);
    } finally {
      await sql`select pg_advisory_unlock(${lockKey})`.execute(connection);
    }
  });
}

export interface SealedKeysPage {
  /** Those sealed to any of these, or to any other than the one that is there to stay. */
  readonly sealedTo: { readonly anyOf: readonly string[] } | { readonly otherThan: string };
  /** The last one of the page before; empty for the first page. */
  readonly afterId: string;
  readonly limit: number;
}

/** Stored provider keys, by their id. */
export async function listSealedKeys(
  db: Database,
  { sealedTo, afterId, limit }: SealedKeysPage,
): Promise<readonly SealedProviderKey[]> {
  const rows = await db
    .selectFrom('provider_keys')
    .select(['id', 'account_id', 'upstream', 'host', 'version', 'sealing_key_id', 'jwe'])
    .where((where) =>
      'anyOf' in sealedTo
        ? where('sealing_key_id', 'in', sealedTo.anyOf)
        : where('sealing_key_id', '<>', sealedTo.otherThan),
    )
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ account_id, sealing_key_id, ...row }) => ({
    ...row,
    accountId: account_id,
    sealingKeyId: sealing_key_id,
  }));
}

export interface Resealing {
  readonly id: string;
  /** As it was read: a key that its owner has replaced meanwhile is left alone. */
  readonly from: string;
  readonly jwe: string;
  readonly sealingKeyId: string;
}

/**
 * Puts the same provider key in its row again, sealed anew. It stays the same key: its id, its version and what its
 * owner sees of it do not change, so no request under way notices.
 * @returns false when it is not there any more
 */
export async function resealProviderKey(db: Database, { id, from, jwe, sealingKeyId }: Resealing): Promise<boolean> {
  const { rows } = await sql`
    update provider_keys set jwe = ${jwe}, sealing_key_id = ${sealingKeyId}
    where id = ${id} and jwe = ${from} returning id`.execute(db);
  return rows.length > 0;
}

export interface Retirement {
  readonly sealingKeyIds: readonly string[];
  readonly successorId: string;
  /** Stored keys that could not be opened: they hold nothing back. */
  readonly unreadableKeyIds: readonly string[];
}

/**
 * Ends the time of old sealing keys: from now on nothing is stored that is sealed to one of them.
 * @returns false when something that is sealed to one of them was stored meanwhile, or is being stored; it is to be
 *          sealed anew first
 */
export async function retireSealingKeys(db: Database, retirement: Retirement): Promise<boolean> {
  try {
    return await retire(db, retirement);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === lockNotAvailable) return false;
    throw error;
  }
}

const lockNotAvailable = '55P03';

function retire(db: Database, { sealingKeyIds, successorId, unreadableKeyIds }: Retirement): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    await sql.raw(`set local lock_timeout = ${lockTimeoutMilliseconds}`).execute(transaction);
    // whoever stores a key at this moment is waited for, and whoever comes later finds the sealing key retired
    await sql`lock table provider_keys in share mode`.execute(transaction);
    const { rows } = await sql`
      select from provider_keys
      where sealing_key_id = any (${sealingKeyIds}) and not id = any (${unreadableKeyIds}) limit 1`.execute(
      transaction,
    );
    if (rows.length > 0) return false;
    await sql`
      with retired as (
        insert into retired_sealing_keys (id) select unnest(${sealingKeyIds}::text[]) on conflict do nothing returning id
      )
      insert into audit_events (event, detail)
      select 'sealing_key_retired', jsonb_build_object('key', id, 'successor', ${successorId}::text) from retired`.execute(
      transaction,
    );
    return true;
  });
}
