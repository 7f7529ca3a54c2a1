import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** What an account spent in the requests that were added from the journal. */
export interface ReplayedSpending {
  readonly accountId: string;
  readonly requests: number;
  /** In nano-US-dollars. Corrections may make it negative. */
  readonly cost: bigint;
}

/** The columns of the ledger with their types. A row of an earlier release has no `is_simulated`. */
const columns = {
  request_id: 'uuid',
  admitted_at: 'timestamptz',
  settled_at: 'timestamptz',
  grant_id: 'text',
  account_id: 'text',
  client_id: 'text',
  upstream: 'text',
  model: 'text',
  operation: 'text',
  settlement: 'text',
  counted: 'boolean',
  cost: 'bigint',
  estimate: 'bigint',
  day: 'date',
  month: 'date',
  input_tokens: 'bigint',
  cached_input_tokens: 'bigint',
  cache_write_tokens: 'bigint',
  output_tokens: 'bigint',
  tool_calls: 'integer',
  status: 'integer',
  duration_milliseconds: 'integer',
  first_byte_milliseconds: 'integer',
  catalogue_version: 'text',
  operator_month: 'date',
  corrects: 'uuid',
  is_simulated: 'boolean',
  cut_off: 'text',
} as const;

const names = sql.raw(Object.keys(columns).join(', '));
const typedColumns = sql.raw(
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', '),
);
const values = sql.raw(
  Object.keys(columns)
    .map((name) => (name === 'is_simulated' ? 'coalesce(is_simulated, false)' : name))
    .join(', '),
);

/** Creates the table in which the functions below collect the rows to add. It is dropped when the transaction ends. */
export async function prepareReplay(transaction: Database): Promise<void> {
  await sql`
    create temp table replayed (
      like ledger including defaults, reserved bigint not null default 0, open integer not null default 0,
      streams integer not null default 0
    ) on commit drop`.execute(transaction);
}

/**
 * Adds the rows of the ledger that are missing, and counts them as if their requests had been settled now: for the
 * grant and the grants above it, the overall limit of the account, and the operator's spending. The reservations of
 * the added requests are removed, if the database still has them. Rows that the ledger already has change nothing.
 * @param entries entries of the journal with rows of the ledger
 */
export async function replayLedger(
  transaction: Database,
  entries: readonly string[],
): Promise<readonly ReplayedSpending[]> {
  if (entries.length === 0) return [];
  await sql`truncate replayed`.execute(transaction);
  await sql`
    insert into replayed (${names})
    select distinct on (admitted_at, request_id) ${values}
    from jsonb_array_elements(${`[${entries.join(',')}]`}::jsonb) as entry,
      lateral jsonb_to_record(entry -> 'row') as r (${typedColumns})
    where not exists (
      select from ledger l where l.admitted_at = r.admitted_at and l.request_id = r.request_id
    )`.execute(transaction);
  return addReplayed(transaction);
}

/**
 * Charges the whole reservation of each request whose end is not in the journal. If the reservation is still in the
 * database, it is not charged here: the servers charge it when they start.
 * @param entries entries of the journal with reservations
 */
export async function chargeUnended(
  transaction: Database,
  entries: readonly string[],
): Promise<readonly ReplayedSpending[]> {
  if (entries.length === 0) return [];
  const { rows } = await sql<{ entry: string }>`
    select jsonb_build_object('row', entry -> 'row' || jsonb_build_object('settlement', 'abandoned', 'counted', true,
      'cost', entry -> 'row' -> 'reserved', 'settled_at', now()))::text as entry
    from jsonb_array_elements(${`[${entries.join(',')}]`}::jsonb) as entry
    where not exists (select from reservations where request_id = (entry -> 'row' ->> 'request_id')::uuid)`.execute(
    transaction,
  );
  return replayLedger(
    transaction,
    rows.map(({ entry }) => entry),
  );
}

/** The locks are taken in the same order as in `settle_requests`. */
async function addReplayed(transaction: Database): Promise<readonly ReplayedSpending[]> {
  await sql`
    select from account_limits where account_id in (select account_id from replayed)
    order by account_id collate "C" for update`.execute(transaction);
  await sql`
    select from grants where id = any (with_ancestors((select array_agg(distinct grant_id) from replayed)))
    order by id collate "C" for update`.execute(transaction);
  await endReservations(transaction);
  await sql`insert into ledger (${names}) select ${names} from replayed`.execute(transaction);
  await countForGrants(transaction);
  await countForAccounts(transaction);
  await countForOperator(transaction);
  const { rows } = await sql<ReplayedSpending>`
    select account_id as "accountId", sum(cost)::bigint as cost, count(*) filter (where counted)::integer as requests
    from replayed group by account_id`.execute(transaction);
  return rows;
}

async function endReservations(transaction: Database): Promise<void> {
  await sql`
    with ended as (
      delete from reservations r using replayed n where r.request_id = n.request_id
      returning r.request_id, r.reserved, r.is_stream
    )
    update replayed n set reserved = e.reserved, open = 1, streams = e.is_stream::integer
    from ended e where n.request_id = e.request_id`.execute(transaction);
  await sql`delete from background_responses b using replayed n where b.request_id = n.request_id`.execute(transaction);
  await sql`delete from abandoned_requests a using replayed n where a.request_id = n.corrects`.execute(transaction);
}

/** A grant has counters for one day and one month: the latest in which it was used. */
async function countForGrants(transaction: Database): Promise<void> {
  await sql`
    with counted as (
      select above as grant_id, day, month, cost, reserved, streams, admitted_at,
        counted::integer - (settlement = 'withdrawn')::integer - open as requests
      from replayed cross join unnest(with_ancestors(array[grant_id])) as above
    ), latest as (
      select g.id as grant_id, greatest(g.day, max(c.day)) as day, greatest(g.month, max(c.month)) as month
      from counted c join grants g on g.id = c.grant_id group by g.id, g.day, g.month
    ), sums as (
      select l.grant_id, l.day, l.month, sum(c.cost) as cost, sum(c.reserved) as reserved, sum(c.requests) as requests,
        sum(c.streams) as streams, max(c.admitted_at) as admitted_at,
        coalesce(sum(c.cost - c.reserved) filter (where c.day = l.day), 0) as of_day,
        coalesce(sum(c.cost - c.reserved) filter (where c.month = l.month), 0) as of_month
      from latest l join counted c on c.grant_id = l.grant_id group by l.grant_id, l.day, l.month
    )
    update grants g set spent = to_counter(g.spent + s.cost), held = to_counter(g.held - s.reserved),
      used_requests = greatest(0, g.used_requests + s.requests),
      open_streams = greatest(0, g.open_streams - s.streams),
      day = s.day, day_cost = to_counter(case when g.day = s.day then g.day_cost else 0 end + s.of_day),
      month = s.month, month_cost = to_counter(case when g.month = s.month then g.month_cost else 0 end + s.of_month),
      last_used_at = greatest(g.last_used_at, s.admitted_at)
    from sums s where g.id = s.grant_id`.execute(transaction);
}

async function countForAccounts(transaction: Database): Promise<void> {
  await sql`
    with latest as (
      select a.account_id, greatest(a.month, max(n.month)) as month
      from replayed n join account_limits a on a.account_id = n.account_id group by a.account_id, a.month
    ), sums as (
      select l.account_id, l.month, coalesce(sum(n.cost - n.reserved) filter (where n.month = l.month), 0) as cost
      from latest l join replayed n on n.account_id = l.account_id group by l.account_id, l.month
    )
    update account_limits a set month = s.month,
      month_cost = to_counter(case when a.month = s.month then a.month_cost else 0 end + s.cost)
    from sums s where a.account_id = s.account_id`.execute(transaction);
}

/** The row of all accounts together has the account id ''. It is locked first. */
async function countForOperator(transaction: Database): Promise<void> {
  await sql`select from operator_spending where account_id = '' for update`.execute(transaction);
  await sql`
    insert into operator_spending (account_id, month)
    select counted_for, max(operator_month) from replayed cross join unnest(array['', account_id]) as counted_for
    where operator_month is not null group by counted_for
    on conflict do nothing`.execute(transaction);
  await sql`
    with counted as (
      select counted_for as account_id, operator_month as month, cost - reserved as difference, reserved
      from replayed cross join unnest(array['', account_id]) as counted_for where operator_month is not null
    ), latest as (
      select s.account_id, greatest(s.month, max(c.month)) as month
      from counted c join operator_spending s on s.account_id = c.account_id group by s.account_id, s.month
    ), sums as (
      select l.account_id, l.month, coalesce(sum(c.difference) filter (where c.month = l.month), 0) as difference,
        coalesce(sum(c.reserved) filter (where c.month = l.month), 0) as reserved
      from latest l join counted c on c.account_id = l.account_id group by l.account_id, l.month
    )
    update operator_spending s set month = n.month,
      cost = to_counter(case when s.month = n.month then s.cost else 0 end + n.difference),
      held = to_counter(case when s.month = n.month then s.held else 0 end - n.reserved)
    from sums n where s.account_id = n.account_id`.execute(transaction);
}
