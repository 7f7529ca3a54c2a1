import { sql } from 'kysely';
import type { Database } from './database/open-database.js';

/** A counter that is not what the ledger adds up to. */
export interface LedgerResidue {
  readonly grantId: string;
  readonly counter: string;
  readonly counted: bigint;
  readonly expected: bigint;
}

/** Of rows of the ledger: those that count, less those that turned out later to have come to nothing. */
const countedRequests = sql`count(*) filter (where counted) - count(*) filter (where settlement = 'withdrawn')`;

/**
 * Recomputes every grant's counters from the ledger, what is set aside, and what dropped months had added up to.
 * One statement, so one snapshot: it may run while requests are served.
 *
 * @returns what does not agree; nothing, when all is well
 */
export async function verifyLedger(db: Database): Promise<readonly LedgerResidue[]> {
  const { rows } = await sql<{ id: string; counter: string; counted: bigint; expected: bigint }>`
    with settled as (
      select grant_id, sum(cost) as cost, ${countedRequests} as requests from ledger group by grant_id
    ), open as (
      select grant_id, sum(reserved) as reserved, count(*) as requests, count(*) filter (where is_stream) as streams
      from reservations group by grant_id
    ), of_day as (
      select grant_id, day, sum(cost) as cost from (
        select grant_id, day, cost from ledger where admitted_at > now() - interval '3 days'
        union all select grant_id, day, reserved from reservations) d group by grant_id, day
    ), of_month as (
      select grant_id, month, sum(cost) as cost from (
        select grant_id, month, cost from ledger where admitted_at > now() - interval '33 days'
        union all select grant_id, month, reserved from reservations) m group by grant_id, month
    ), counters as (
      select g.id, c.* from grants g
      left join settled s on s.grant_id = g.id left join open o on o.grant_id = g.id
      left join ledger_archive a on a.grant_id = g.id
      left join of_day d on d.grant_id = g.id and d.day = g.day
      left join of_month m on m.grant_id = g.id and m.month = g.month
      cross join lateral (values
        ('used_requests', g.used_requests, coalesce(s.requests, 0) + coalesce(o.requests, 0) + coalesce(a.requests, 0)),
        ('spent', g.spent, to_counter(coalesce(s.cost, 0) + coalesce(a.cost, 0))),
        ('held', g.held, to_counter(coalesce(o.reserved, 0))),
        ('open_streams', g.open_streams::bigint, coalesce(o.streams, 0)),
        -- yesterday's counter stands until the next request, and its rows may be gone by then
        ('day_cost', case when g.day >= current_date - 1 then g.day_cost else 0 end, case when g.day >= current_date - 1 then to_counter(d.cost) else 0 end),
        ('month_cost', case when g.month >= current_date - 31 then g.month_cost else 0 end, case when g.month >= current_date - 31 then to_counter(m.cost) else 0 end)
      ) as c (counter, counted, expected)
    )
    select id, counter, counted::bigint, expected::bigint from counters where counted <> expected order by id, counter`.execute(
    db,
  );
  return rows.map(({ id, counter, counted, expected }) => ({ grantId: id, counter, counted, expected }));
}

/** Makes the partitions of this month and the next two, so that no row lands in the default one. */
export async function createLedgerPartitions(db: Database): Promise<void> {
  await sql`
    select create_ledger_partition((date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date)
    from generate_series(0, 2) as n`.execute(db);
}

/**
 * Drops the months of the ledger that ended before an instant; what they add up to is kept for each grant.
 * @returns the names of the dropped partitions
 */
export async function dropLedgerBefore(db: Database, before: Date): Promise<readonly string[]> {
  return db.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = 0`.execute(transaction);
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'ledger'::regclass and c.relname ~ '^ledger_[0-9]{4}_[0-9]{2}$'
        and (to_date(substr(c.relname, 8), 'YYYY_MM') + interval '1 month')::timestamp at time zone 'UTC' <= ${before}
      order by name`.execute(transaction);
    for (const { name } of rows) {
      await sql`
        insert into ledger_archive as a (grant_id, requests, cost)
        select grant_id, ${countedRequests}, to_counter(sum(cost)) from ${sql.table(name)} group by grant_id
        on conflict (grant_id) do update set requests = a.requests + excluded.requests, cost = to_counter(a.cost::numeric + excluded.cost)`.execute(
        transaction,
      );
      await sql`drop table ${sql.table(name)}`.execute(transaction);
    }
    return rows.map(({ name }) => name);
  });
}
