import { sql } from 'kysely';
import type { Database } from './database/open-database.js';
import { isLockNotAvailable } from './database/sql-state.js';
import type { SealedProviderKey } from './proxying/provider-keys.js';

/**
 * How long the retirement waits for the lock of the table. It stops waiting soon, because statements that store
 * provider keys queue behind it.
 */
const lockTimeoutMilliseconds = 1_000;
/** The number of the advisory lock that a rotation holds. It is arbitrary. */
const lockKey = 7_205_759_404;

/**
 * Lets one rotation of the sealing key run at a time. The lock belongs to the connection, so it ends when the process
 * dies.
 * @throws Error when another rotation is running
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
  /** Provider keys sealed to any of these sealing keys, or to any sealing key except the one that stays. */
  readonly sealedTo: { readonly anyOf: readonly string[] } | { readonly otherThan: string };
  /** The id of the last provider key of the previous page; empty for the first page. */
  readonly afterId: string;
  readonly limit: number;
}

/** Lists one page of the stored provider keys, in the order of their ids. */
export async function listSealedKeys(
  db: Database,
  { sealedTo, afterId, limit }: SealedKeysPage,
): Promise<readonly SealedProviderKey[]> {
  const columns = ['id', 'account_id', 'upstream', 'host', 'version', 'sealing_key_id', 'jwe'] as const;
  const rows = await db
    .selectFrom(
      db
        .selectFrom('provider_keys')
        .select(columns)
        .unionAll(db.selectFrom('spare_provider_keys').select(columns))
        .as('keys'),
    )
    .select(columns)
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
  /** The JWE that was read. A provider key that its owner has replaced since then stays unchanged. */
  readonly from: string;
  readonly jwe: string;
  readonly sealingKeyId: string;
}

/**
 * Stores the same provider key again, sealed to another sealing key. Its id, its version and what its owner sees of it
 * do not change, so requests in progress are not affected.
 * @returns false when the provider key was deleted or replaced meanwhile
 */
export async function resealProviderKey(db: Database, { id, from, jwe, sealingKeyId }: Resealing): Promise<boolean> {
  // The key may become the first one, or a spare one, at this moment. Then neither statement finds it, and the caller
  // looks again, because the retirement finds that a key is still sealed to the old sealing key.
  const { rows } = await sql`
    with first as (
      update provider_keys set jwe = ${jwe}, sealing_key_id = ${sealingKeyId}
      where id = ${id} and jwe = ${from} returning id
    ), spare as (
      update spare_provider_keys set jwe = ${jwe}, sealing_key_id = ${sealingKeyId}
      where id = ${id} and jwe = ${from} returning id
    )
    select id from first union all select id from spare`.execute(db);
  return rows.length > 0;
}

/** Whether a sealing key is retired: see `retireSealingKeys`. */
export async function isSealingKeyRetired(db: Database, id: string): Promise<boolean> {
  const rows = await db.selectFrom('retired_sealing_keys').select('id').where('id', '=', id).execute();
  return rows.length > 0;
}

export interface Retirement {
  readonly sealingKeyIds: readonly string[];
  readonly successorId: string;
  /** Stored provider keys that could not be opened. They do not prevent the retirement. */
  readonly unreadableKeyIds: readonly string[];
}

/**
 * Retires sealing keys. From then on, a provider key that is sealed to one of them is not stored.
 * @returns false when such a provider key was stored meanwhile, or when the table could not be locked in time; the
 * caller must look for provider keys to reseal, and try again
 */
export async function retireSealingKeys(db: Database, retirement: Retirement): Promise<boolean> {
  try {
    return await retire(db, retirement);
  } catch (error) {
    if (isLockNotAvailable(error)) return false;
    throw error;
  }
}

function retire(db: Database, { sealingKeyIds, successorId, unreadableKeyIds }: Retirement): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    await sql.raw(`set local lock_timeout = ${lockTimeoutMilliseconds}`).execute(transaction);
    // The lock waits for statements that are storing a provider key. Later ones find the sealing key retired.
    await sql`lock table provider_keys, spare_provider_keys in share mode`.execute(transaction);
    const { rows } = await sql`
      select from (
        select id, sealing_key_id from provider_keys union all select id, sealing_key_id from spare_provider_keys
      ) keys
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
