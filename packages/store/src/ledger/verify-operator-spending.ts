import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** A counter of the operator's spending that does not match the ledger and the reservations. */
export interface OperatorMismatch {
  /** Undefined for a counter of all accounts together. */
  readonly accountId: string | undefined;
  readonly counter: string;
  readonly counted: bigint;
  readonly expected: bigint;
}

/**
 * Recomputes two counters of the operator's provider keys in this month (UTC), for each account and for all accounts
 * together, from the ledger and the reservations: `cost`, which is what requests have spent and what is reserved, and
 * `held`, which is only what is reserved. One statement reads all values from one snapshot, so this may run while
 * requests are served.
 *
 * @returns the differences; empty when all counters match
 */
export async function verifyOperatorSpending(db: Database): Promise<readonly OperatorMismatch[]> {
  const { rows } = await sql<{ account_id: string; counter: string; counted: bigint; expected: bigint }>`
    with counted as (
      select account_id, operator_month as month, cost, 0 as held from ledger
      where operator_month is not null and admitted_at > now() - interval '33 days'
      union all
      select account_id, operator_month, reserved, reserved from reservations where operator_month is not null
    ), sums as (
      select account_id, month, sum(cost) as cost, sum(held) as held from counted group by account_id, month
      union all
      select '', month, sum(cost), sum(held) from counted group by month
    )
    select account_id, c.* from operator_spending s full join sums using (account_id, month)
    cross join lateral (values
      ('cost', coalesce(s.cost, 0), to_counter(sums.cost)), ('held', coalesce(s.held, 0), to_counter(sums.held))
    ) as c (counter, counted, expected)
    -- the ledger may no longer have the rows of earlier months
    where month >= date_trunc('month', now() at time zone 'UTC')::date and counted <> expected
    order by account_id, counter`.execute(db);
  return rows.map(({ account_id: id, counter, counted, expected }) => ({
    accountId: id === '' ? undefined : id,
    counter,
    counted,
    expected,
  }));
}
