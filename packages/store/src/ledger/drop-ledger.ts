import { setTimeout as sleep } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { insertAuditEvent } from '../authorization/audit-events.js';
import type { Database } from '../database/open-database.js';
import { isLockNotAvailable } from '../database/sql-state.js';
import { countedRequests } from './counted-requests.js';
import { droppingPrefix, listDroppingTables, listPartitionsBefore } from './ledger-partitions.js';
import { lockRetryMilliseconds } from './prepare-ledger.js';
import { type LedgerProgress, listRowRanges } from './row-ranges.js';

export interface LedgerDrop {
  /** Months that ended before this instant are dropped, except those that ended in the last three days. */
  readonly before: Date;
  readonly onProgress?: ((progress: LedgerProgress) => void) | undefined;
  /**
   * Called when a month cannot be detached because another session, such as `pg_dump`, reads the ledger. The attempt is
   * then repeated.
   */
  readonly onWaiting?: ((name: string) => void) | undefined;
}

/**
 * Drops the months of the ledger that ended before an instant. Of their rows, only the sums of each grant are kept, and
 * no sums by day or month. Months are detached from the ledger one at a time. The rows of a detached month still count
 * until one transaction stores their sums and drops the table. So an interruption loses no row and counts none twice,
 * and the next call continues.
 *
 * @returns the names of the dropped partitions
 */
export async function dropLedgerBefore(db: Database, drop: LedgerDrop): Promise<readonly string[]> {
  const dropped: string[] = [];
  const finish = async (table: string) => {
    const name = table.replace(droppingPrefix, 'ledger_');
    await archive(db, table, (percent) => drop.onProgress?.({ name, percent }));
    dropped.push(name);
  };
  const [interrupted, names] = [await listDroppingTables(db), await listPartitionsBefore(db, drop.before)];
  if (names.length > 0) await noteDrop(db, drop.before);
  for (const table of interrupted) await finish(table);
  for (const name of names) {
    const table = name.replace('ledger_', droppingPrefix);
    while (!(await detach(db, name, table))) {
      drop.onWaiting?.(name);
      await sleep(lockRetryMilliseconds);
    }
    await finish(table);
  }
  await deleteUsage(db, drop.before);
  return dropped;
}

/** The first month that is not dropped: the one after the months that `listPartitionsBefore` lists. */
function firstKeptMonth(before: Date): RawBuilder<unknown> {
  return sql`date_trunc('month', least(${before}::timestamptz, now() - interval '3 days') at time zone 'UTC')::date`;
}

/**
 * Stores, before rows are dropped, the last month from which rows may be missing. `verifyUsage` leaves out this month
 * and all months before it. It is the first month that is not dropped, because a month begins earlier in time zones
 * east of UTC: the rows of its first hours there are in the partition of the month before, which is dropped.
 */
async function noteDrop(db: Database, before: Date): Promise<void> {
  await sql`update usage_start set dropped_month = greatest(dropped_month, ${firstKeptMonth(before)})`.execute(db);
}

/** Deletes the sums of the months that were dropped. */
async function deleteUsage(db: Database, before: Date): Promise<void> {
  for (const table of ['usage_recent', 'usage_months', 'usage_days'])
    await sql`delete from ${sql.table(table)} where month < ${firstKeptMonth(before)}`.execute(db);
}

/** @returns false when the lock was not free */
async function detach(db: Database, name: string, table: string): Promise<boolean> {
  try {
    await db.transaction().execute(async (transaction) => {
      await sql`set local lock_timeout = '300ms'`.execute(transaction);
      // These two statements lock the tables in the order that all code uses.
      await sql`lock table only ledger in access exclusive mode`.execute(transaction);
      await sql`lock table ledger_default, ${sql.table(name)} in access exclusive mode`.execute(transaction);
      await sql`alter table ledger detach partition ${sql.table(name)}`.execute(transaction);
      await sql`alter table ${sql.table(name)} rename to ${sql.ref(table)}`.execute(transaction);
    });
    return true;
  } catch (error) {
    if (isLockNotAvailable(error)) return false;
    throw error;
  }
}

/** Lowers a sum that is too large for its column, because an overflow would prevent the drop. */
function bounded(amount: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`least(${amount}, 9223372036854775807)::bigint`;
}

/**
 * Adds the sums of a detached month to the archive, and drops its table. The sums of a grant are left out if the grant
 * at the top of its tree has been removed. The table is no longer a partition of the ledger, so only statements that
 * read the table itself wait for this.
 */
async function archive(db: Database, table: string, onProgress: (percent: number) => void): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = 0`.execute(transaction);
    await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(transaction);
    for (const { from, to, percent } of await listRowRanges(transaction, table)) {
      await sql`
        insert into ledger_archive as a (grant_id, requests, cost)
        select l.grant_id, ${countedRequests}, ${bounded(sql`sum(l.cost)`)}
        -- a removed grant still counts for the grants above it
        from ${sql.table(table)} l join grants g on g.id = root_of(l.grant_id)
        where l.ctid >= ${from}::tid and l.ctid < ${to}::tid
        group by l.grant_id order by l.grant_id
        on conflict (grant_id) do update set requests = a.requests + excluded.requests,
          cost = ${bounded(sql`a.cost::numeric + excluded.cost`)}`.execute(transaction);
      onProgress(percent);
    }
    await sql`drop table ${sql.table(table)}`.execute(transaction);
    const detail = { partition: table.replace(droppingPrefix, 'ledger_'), by: 'command' };
    await insertAuditEvent(transaction, { event: 'ledger_month_dropped', detail });
  });
}
