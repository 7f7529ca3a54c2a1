import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** How far a reader of the audit log has come. Events get their numbers in one order and can be seen in another. */
export interface EventProgress {
  /** Every event up to this number was read, and no event with a lower number can still appear. */
  readonly completeTo: bigint;
  /** When all transactions in `pending` have ended, no event up to this number can appear any more. */
  readonly pendingTo: bigint;
  /** Names of database transactions that may have written events that were not visible yet. */
  readonly pending: readonly string[];
}

export interface Writing {
  /** The highest number of an event that can be seen. */
  readonly newest: bigint;
  /** The transactions that may have written events that cannot be seen yet. */
  readonly transactions: readonly string[];
}

/**
 * A transaction that writes an event locks the table before the event gets its number, and holds the lock until the
 * transaction ends. So if an event has a lower number than `newest` and cannot be seen yet, its transaction is in the
 * list that is read afterwards.
 */
export async function readWriting(transaction: Database): Promise<Writing> {
  const { rows } = await sql<{ newest: bigint }>`
    select coalesce(max(id), 0) as newest from audit_events`.execute(transaction);
  const { rows: locks } = await sql<{ name: string }>`
    select distinct virtualtransaction as name from pg_locks
    where locktype = 'relation' and mode = 'RowExclusiveLock' and relation = 'audit_events'::regclass
      and database = (select oid from pg_database where datname = current_database())
    order by name`.execute(transaction);
  return { newest: rows[0]?.newest ?? 0n, transactions: locks.map(({ name }) => name) };
}

/** @param readTo all events that could be seen were read up to this number; undefined: all of them were read */
export function advanceProgress(
  before: EventProgress,
  writing: Writing,
  readTo: bigint | undefined,
): Partial<EventProgress> {
  if (before.pending.some((name) => writing.transactions.includes(name))) return {};
  if (readTo !== undefined && readTo < before.pendingTo) return { completeTo: readTo, pending: [] };
  return { completeTo: before.pendingTo, pendingTo: writing.newest, pending: writing.transactions };
}
