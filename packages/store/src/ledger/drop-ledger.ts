import { setTimeout as sleep } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { isLockNotAvailable } from '../database/is-lock-not-available.js';
import type { Database } from '../database/open-database.js';
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
 * Drops the months of the ledger that ended before an instant. Their sums are kept for each grant, and no longer for
 * each day. Months are detached from the ledger one at a time. A detached month still counts until one transaction
 * stores its sums and drops its table. So an interruption neither loses nor doubles anything, and the next call
 * continues.
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
  for (const table of await listDroppingTables(db)) await finish(table);
  for (const name of await listPartitionsBefore(db, drop.before)) {
    const table = name.replace('ledger_', droppingPrefix);
    while (!(await detach(db, name, table))) {
      drop.onWaiting?.(name);
      await sleep(lockRetryMilliseconds);
    }
    await finish(table);
  }
  await deleteUsageDays(db, drop.before);
  return dropped;
}

/** Deletes the sums by day of the months that were dropped: the same months as those of `listPartitionsBefore`. */
async function deleteUsageDays(db: Database, before: Date): Promise<void> {
  await sql`
    delete from usage_days where month < date_trunc('month',
      least(${before}::timestamptz, now() - interval '3 days') at time zone 'UTC')::date`.execute(db);
}

/** @returns false when the lock was not free */
async function detach(db: Database, name: string, table: string): Promise<boolean> {
  try {
    await db.transaction().execute(async (transaction) => {
      await sql`set local lock_timeout = '300ms'`.execute(transaction);
      // in the common lock order
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

/** Lowers a sum to the maximum of its column, because an error would prevent the drop. A sum may be negative. */
function bounded(amount: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`least(${amount}, 9223372036854775807)::bigint`;
}

/**
 * Adds the sums of a detached month to the archive, and drops its table. Sums of removed grants are not needed. The
 * table is no longer a partition, so only its readers wait for this.
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
  });
}
