import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

export interface ChargesQuery {
  readonly upstream: string;
  /** The first instant. Midnight (UTC). */
  readonly from: Date;
  /** The end, exclusive. Midnight (UTC). */
  readonly to: Date;
}

/** What one key of an upstream was charged on one day (UTC), by the times at which the requests were admitted. */
export interface DailyCharges {
  /** YYYY-MM-DD, in UTC. */
  readonly day: string;
  /** The account whose key it is. undefined: the operator's key. */
  readonly accountId: string | undefined;
  /** undefined for the operator's key, and for an account that was deleted. */
  readonly email: string | undefined;
  /** In nano-US-dollars, with all corrections. */
  readonly nanoUsd: bigint;
  /** Without those for which the vendor bills nothing. */
  readonly requests: number;
  /** The part of the requests whose usage the vendor did not report, or did not report credibly, without those that were corrected. */
  readonly unknownNanoUsd: bigint;
  /** The part that corrections added. It may be negative. */
  readonly correctedNanoUsd: bigint;
  /** The part of the requests that ended on a later day than they began. */
  readonly midnightNanoUsd: bigint;
}

interface Row {
  readonly day: string;
  readonly account_id: string | null;
  readonly email: string | null;
  readonly cost: bigint;
  readonly requests: bigint;
  readonly unknown: bigint;
  readonly corrected: bigint;
  readonly midnight: bigint;
}

/**
 * Adds up the ledger for each key of an upstream and each day (UTC). Simulated requests are left out, because no vendor
 * bills them.
 *
 * @returns undefined when the ledger no longer has the rows of the first day
 */
export async function readDailyCharges(
  db: Database,
  query: ChargesQuery,
): Promise<readonly DailyCharges[] | undefined> {
  const { upstream, from, to } = query;
  const { rows: dropped } = await sql`
    select from usage_start where (${from}::timestamptz at time zone 'UTC')::date < dropped_month`.execute(db);
  if (dropped.length > 0) return undefined;
  const { rows } = await sql<Row>`
    with charges as (
      select *, (admitted_at at time zone 'UTC')::date as utc_day,
        case when operator_month is null then account_id end as key_account,
        settlement in ('produced', 'estimated', 'doubted', 'abandoned') and not exists (
          select from ledger c where c.admitted_at = l.admitted_at and c.corrects = l.request_id
        ) as is_unknown
      from ledger l
      where upstream = ${upstream} and admitted_at >= ${from} and admitted_at < ${to} and not is_simulated
    )
    select utc_day::text as day, key_account as account_id, a.email, sum(l.cost)::bigint as cost,
      count(*) filter (where l.counted and settlement <> 'unbilled')
        - count(*) filter (where settlement = 'withdrawn') as requests,
      coalesce(sum(l.cost) filter (where is_unknown), 0)::bigint as unknown,
      coalesce(sum(l.cost) filter (where l.corrects is not null), 0)::bigint as corrected,
      coalesce(sum(l.cost) filter (
        where l.corrects is null and (l.settled_at at time zone 'UTC')::date > utc_day
      ), 0)::bigint as midnight
    from charges l left join accounts a on a.id = key_account
    group by utc_day, key_account, a.email order by utc_day, key_account`.execute(db);
  return rows.map(({ day, account_id: id, email, cost, requests, unknown, corrected, midnight }) => ({
    day,
    accountId: id ?? undefined,
    email: email ?? undefined,
    nanoUsd: cost,
    requests: Number(requests),
    unknownNanoUsd: unknown,
    correctedNanoUsd: corrected,
    midnightNanoUsd: midnight,
  }));
}
