import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** A sum that pages show and that does not match the ledger. */
export interface UsageMismatch {
  /** Names the sum for the operator: a grant and a day, or a month and one of its parts. */
  readonly of: string;
  readonly counted: string;
  readonly expected: string;
}

/**
 * Recomputes the sums that pages show from the ledger: those of each grant and day for this month (UTC) and later ones,
 * and those of every month of the instance. Each statement reads all its tables from one snapshot, so this may run
 * while requests are served. Months whose rows may have been dropped from the ledger are left out.
 *
 * @returns the differences; empty when all sums match
 */
export async function verifyUsage(db: Database): Promise<readonly UsageMismatch[]> {
  const residues = [...(await verifyDays(db))];
  for (const month of await listMonths(db)) residues.push(...(await verifyMonth(db, month)));
  return residues;
}

async function verifyDays(db: Database): Promise<readonly UsageMismatch[]> {
  const { rows } = await sql<UsageMismatch>`
    with counted as (
      select ${keysOfDay}, sum(cost) as cost, sum(requests) as requests from (
        select grant_id, month, day, upstream, model, with_operator_key, false as is_simulated,
          cost - simulated_cost as cost, requests - simulated_requests as requests from usage_days
        union all
        select grant_id, month, day, upstream, model, with_operator_key, true, simulated_cost, simulated_requests
        from usage_days
        union all
        select grant_id, month, day, upstream, model, provider_key = 'operator', provider_key = 'simulated', cost,
          requests from usage_recent
      ) u where ${isVerified} and month >= date_trunc('month', now() at time zone 'UTC')::date
      group by ${keysOfDay}
    ), expected as (
      select ${keysOfDay}, sum(cost) as cost,
        count(*) filter (where counted) - count(*) filter (where settlement = 'withdrawn') as requests
      from (
        select grant_id, month, day, upstream, model, operator_month is not null as with_operator_key,
          is_simulated and operator_month is null as is_simulated, cost, counted, settlement, admitted_at from ledger
      ) l
      where ${isVerified} and month >= date_trunc('month', now() at time zone 'UTC')::date
        and admitted_at >= (select counted_from from usage_start) and admitted_at > now() - interval '33 days'
      group by ${keysOfDay}
    )
    select concat('grant ', grant_id, '  ', day) as of, ${mismatchColumns}
    from counted c full join expected e using (${keysOfDay})
    where (coalesce(c.cost, 0), coalesce(c.requests, 0)) <> (coalesce(e.cost, 0), coalesce(e.requests, 0))
    order by grant_id, day`.execute(db);
  return rows;
}

/** The months for which there are sums or rows of the ledger. */
async function listMonths(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ month: string }>`
    select month::text from (
      select month from usage_months
      union select month from usage_recent
      union select generate_series(date_trunc('month', min(admitted_at) - interval '1 day'),
        max(admitted_at) + interval '1 day', interval '1 month')::date from ledger
    ) known where ${isVerified} order by month`.execute(db);
  return rows.map(({ month }) => month);
}

async function verifyMonth(db: Database, month: string): Promise<readonly UsageMismatch[]> {
  const { rows } = await sql<UsageMismatch>`
    with counted as (
      select part, upstream, name, sum(cost) as cost, sum(requests) as requests from (
        select part, upstream, name, cost, requests from usage_months where month = ${month}::date
        union all
        select p.part, p.upstream, p.name, r.cost, r.requests from usage_recent r
        cross join usage_parts(r.upstream, r.provider_key, r.model, r.client_id, r.account_id, r.day) p
        where r.month = ${month}::date
      ) u group by part, upstream, name
    ), expected as (
      select p.part, p.upstream, p.name, sum(l.cost) as cost, sum(l.requests) as requests from (
        select upstream, model, client_id, account_id, day, ${providerKey} as provider_key, sum(cost) as cost,
          count(*) filter (where counted) - count(*) filter (where settlement = 'withdrawn') as requests
        from ledger
        -- in every time zone, a month begins and ends at most one day before or after the month in UTC
        where month = ${month}::date and admitted_at >= ${month}::timestamp at time zone 'UTC' - interval '1 day'
          and admitted_at < (${month}::date + interval '1 month') at time zone 'UTC' + interval '1 day'
          and admitted_at >= (select counted_from from usage_start)
        group by 1, 2, 3, 4, 5, 6
      ) l cross join usage_parts(l.upstream, l.provider_key, l.model, l.client_id, l.account_id, l.day) p
      group by p.part, p.upstream, p.name
    )
    select concat(${month}::text, '  ', part, ' ', concat_ws('/', nullif(upstream, ''), name)) as of, ${mismatchColumns}
    from counted c full join expected e using (part, upstream, name)
    where (c.cost, c.requests) is distinct from (e.cost, e.requests)
    order by part, upstream, name`.execute(db);
  return rows;
}

const keysOfDay = sql.raw('grant_id, month, day, upstream, model, with_operator_key, is_simulated');

const isVerified = sql`month > (select dropped_month from usage_start)`;

const providerKey = sql`
  key_owner(operator_month, is_simulated, admitted_at, (select keys_recorded_from from usage_start))`;

const mismatchColumns = sql`
  concat(coalesce(c.cost, 0), ' for ', coalesce(c.requests, 0), ' requests') as counted,
  concat(coalesce(e.cost, 0), ' for ', coalesce(e.requests, 0), ' requests') as expected`;
