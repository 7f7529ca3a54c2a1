import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { readSqlState } from '../database/sql-state.js';
import { countedRequests } from './counted-requests.js';
import { listLedgerTables } from './ledger-partitions.js';
import { type LedgerProgress, listRowRanges, type RowRange } from './row-ranges.js';

/** A counter that does not match the sums of the ledger. */
export interface LedgerMismatch {
  readonly grantId: string;
  readonly counter: string;
  readonly counted: bigint;
  readonly expected: bigint;
}

const maxAttempts = 5;

/**
 * Recomputes every grant's counters from the ledger, the reservations and the sums of dropped months. A request counts
 * for its grant and for all grants above it. Everything is read in one snapshot, so this may run while requests are
 * served. Short statements read the tables in ranges.
 *
 * @returns the differences; empty when all counters match
 */
export async function verifyLedger(
  db: Database,
  onProgress?: (progress: LedgerProgress) => void,
): Promise<readonly LedgerMismatch[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await verifyOnce(db, onProgress);
    } catch (error) {
      // A partition that was being dropped when the attempt began is gone now. Its sums are in the archive.
      if (!isUndefinedTable(error) || attempt === maxAttempts) throw error;
    }
  }
}

async function verifyOnce(
  db: Database,
  onProgress: ((progress: LedgerProgress) => void) | undefined,
): Promise<readonly LedgerMismatch[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      // This lock is taken before the snapshot. While it is held, no partition is added, dropped or replaced.
      await sql`lock table ledger in access share mode`.execute(transaction);
      await sql`
        create temp table ledger_sums (
          grant_id text primary key, cost numeric not null, requests bigint not null,
          day_cost numeric not null, month_cost numeric not null
        ) on commit drop`.execute(transaction);
      for (const name of await listLedgerTables(transaction)) {
        for (const range of await listRowRanges(transaction, name)) {
          await addUp(transaction, name, range);
          onProgress?.({ name, percent: range.percent });
        }
      }
      return compareCounters(transaction);
    });
}

async function addUp(db: Database, name: string, { from, to }: RowRange): Promise<void> {
  await sql`
    insert into ledger_sums as s
    select g.id, sum(l.cost), sum(l.requests),
      coalesce(sum(l.cost) filter (where l.day = g.day), 0), coalesce(sum(l.cost) filter (where l.month = g.month), 0)
    from (
      select l.grant_id, l.day, l.month, sum(l.cost) as cost, ${countedRequests} as requests
      from ${sql.table(name)} l where l.ctid >= ${from}::tid and l.ctid < ${to}::tid group by l.grant_id, l.day, l.month
    ) l cross join unnest(with_ancestors(array[l.grant_id])) as counts_for join grants g on g.id = counts_for
    group by g.id
    on conflict (grant_id) do update set cost = s.cost + excluded.cost, requests = s.requests + excluded.requests,
      day_cost = s.day_cost + excluded.day_cost, month_cost = s.month_cost + excluded.month_cost`.execute(db);
}

async function compareCounters(db: Database): Promise<readonly LedgerMismatch[]> {
  const { rows } = await sql<{ id: string; counter: string; counted: string; expected: string }>`
    with open as (
      select g.id as grant_id, sum(r.reserved) as reserved, count(*) as requests,
        count(*) filter (where r.is_stream) as streams,
        coalesce(sum(r.reserved) filter (where r.day = g.day), 0) as day_cost,
        coalesce(sum(r.reserved) filter (where r.month = g.month), 0) as month_cost
      from reservations r cross join unnest(with_ancestors(array[r.grant_id])) as counts_for
      join grants g on g.id = counts_for group by g.id
    ), archived as (
      select counts_for as grant_id, sum(requests) as requests, sum(cost) as cost
      from ledger_archive cross join unnest(with_ancestors(array[grant_id])) as counts_for group by counts_for
    ), counters as (
      select g.id, c.* from grants g
      left join ledger_sums s on s.grant_id = g.id left join open o on o.grant_id = g.id
      left join archived a on a.grant_id = g.id
      cross join lateral (values
        ('used_requests', g.used_requests, coalesce(s.requests, 0) + coalesce(o.requests, 0) + coalesce(a.requests, 0)),
        ('spent', g.spent, coalesce(s.cost, 0) + coalesce(a.cost, 0)),
        ('held', g.held, coalesce(o.reserved, 0)),
        ('open_streams', g.open_streams::bigint, coalesce(o.streams, 0)),
        -- the counter of a past day stays until the next request, and the rows of that day may be dropped by then
        ('day_cost', case when g.day >= current_date - 1 then g.day_cost else 0 end,
          case when g.day >= current_date - 1 then coalesce(s.day_cost, 0) + coalesce(o.day_cost, 0) else 0 end),
        ('month_cost', case when g.month >= current_date - 31 then g.month_cost else 0 end,
          case when g.month >= current_date - 31 then coalesce(s.month_cost, 0) + coalesce(o.month_cost, 0) else 0 end)
      ) as c (counter, counted, expected)
    )
    select id, counter, counted::text, expected::text from counters
    where counted <> to_counter(expected) order by id, counter`.execute(db);
  return rows.map(({ id, counter, counted, expected }) => ({
    grantId: id,
    counter,
    counted: BigInt(counted),
    expected: BigInt(expected),
  }));
}

/** SQLSTATE 42P01. */
function isUndefinedTable(error: unknown): boolean {
  return readSqlState(error) === '42P01';
}
