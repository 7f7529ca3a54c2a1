import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { boundedSum, type UsageSum } from './summarize-usage.js';

interface MonthsQuery {
  readonly accountId: string;
  readonly clientId: string;
  /** The first days of the first and the last month, as `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
}

/** The ended requests of a client of an account, in one month. */
export interface UsageMonth extends UsageSum {
  /** The first day of the month, as `YYYY-MM-DD`. */
  readonly month: string;
}

/** Sums up each of these months that has requests, the earliest first. */
export async function listUsageMonths(
  db: Database,
  { accountId, clientId, from, to }: MonthsQuery,
): Promise<readonly UsageMonth[]> {
  const { rows } = await sql<{ month: string; cost: bigint; requests: bigint }>`
    select month::text, ${boundedSum} as cost, sum(requests)::bigint as requests
    from usage_of_months(${accountId}, ${from}::date, ${to}::date) where client_id = ${clientId}
    group by month having sum(requests) > 0 order by month`.execute(db);
  return rows.map(({ month, cost, requests }) => ({ month, cost, requests: Number(requests) }));
}
