import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** Sums of a grant's day that do not match the ledger. */
interface UsageResidue {
  readonly grantId: string;
  readonly day: string;
  readonly counted: string;
  readonly expected: string;
}

/**
 * Recomputes the sums that pages show (`usage_days`) from the ledger, for this month (UTC) and later months. One
 * statement reads both tables from one snapshot, so this may run while requests are served.
 *
 * @returns the differences; empty when all sums match
 */
export async function verifyUsage(db: Database): Promise<readonly UsageResidue[]> {
  const { rows } = await sql<UsageResidue>`
    with counted as (
      select grant_id, day, upstream, model, with_operator_key, cost, requests from usage_days
      where month >= date_trunc('month', now() at time zone 'UTC')::date
    ), expected as (
      select grant_id, day, upstream, model, operator_month is not null as with_operator_key, sum(cost) as cost,
        count(*) filter (where counted) - count(*) filter (where settlement = 'withdrawn') as requests
      from ledger
      where month >= date_trunc('month', now() at time zone 'UTC')::date
        and admitted_at >= (select counted_from from usage_start) and admitted_at > now() - interval '33 days'
      group by grant_id, month, day, upstream, model, operator_month is not null
    )
    select grant_id as "grantId", day::text as day,
      concat(coalesce(c.cost, 0), ' for ', coalesce(c.requests, 0), ' requests') as counted,
      concat(coalesce(e.cost, 0), ' for ', coalesce(e.requests, 0), ' requests') as expected
    from counted c full join expected e using (grant_id, day, upstream, model, with_operator_key)
    where (c.cost, c.requests) is distinct from (e.cost, e.requests)
    order by grant_id, day`.execute(db);
  return rows;
}
