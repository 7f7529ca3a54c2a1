import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type ClientIdentity, clientIdentity } from './client-identity.js';

/** The cost of ended requests, in nano-US-dollars, and their number. */
export interface UsageSum {
  readonly cost: bigint;
  readonly requests: number;
}

/** The ended requests of an account in one month. Each list is sorted by cost, the largest first; days by date. */
export interface UsageSummary {
  readonly total: UsageSum;
  /** The part of `total` that was simulated and cost no real money. */
  readonly simulated: UsageSum;
  readonly byClient: readonly UsageOfClient[];
  readonly byModel: readonly (MixedSum & { readonly upstream: Upstream; readonly model: string })[];
  /** Only days with requests. A day is `YYYY-MM-DD` in the time zone that the account had at that time. */
  readonly byDay: readonly (MixedSum & { readonly day: string })[];
}

/** A sum that says which part of it was simulated and cost no real money. */
export interface MixedSum extends UsageSum {
  /** Nano-US-dollars. */
  readonly simulatedCost: bigint;
}

/** `client`: undefined for a deleted client. */
export type UsageOfClient = MixedSum & { readonly clientId: string; readonly client: ClientIdentity | undefined };

/** A sum of costs that fits into a bigint; 0 for no rows. `least` ignores nulls, so `coalesce` must come before it. */
export const boundedSum = sql<bigint>`
  greatest(least(coalesce(sum(cost), 0), 9223372036854775807), -9223372036854775808)::bigint`;

const none: UsageSum = { cost: 0n, requests: 0 };

interface SummaryQuery {
  readonly accountId: string;
  /** The first day of the month, as `YYYY-MM-DD`. */
  readonly month: string;
  /** Only the requests of this client; undefined: those of all clients. */
  readonly clientId?: string;
}

/** Sums up a month of an account. */
export async function summarizeUsage(
  db: Database,
  { accountId, month, clientId }: SummaryQuery,
): Promise<UsageSummary> {
  const ofClient = clientId === undefined ? sql`true` : sql`client_id = ${clientId}`;
  const { rows } = await sql<SummaryRow>`
    select s.*, ${clientIdentity} as client
    from (
      select client_id, upstream, model, day::text as day, grouping(client_id, model, day) as missing,
        ${boundedSum} as cost, sum(requests)::bigint as requests,
        greatest(least(coalesce(sum(cost) filter (where with_operator_key is null), 0), 9223372036854775807), 0)::bigint
          as simulated_cost,
        coalesce(sum(requests) filter (where with_operator_key is null), 0)::bigint as simulated_requests
      from usage_of_months(${accountId}, ${month}::date, ${month}::date) where ${ofClient}
      group by grouping sets ((), (client_id), (upstream, model), (day))
    ) s left join clients c on c.id = s.client_id
    order by s.day, s.cost desc, s.requests desc, c.name, s.upstream, s.model`.execute(db);
  const toSum = ({ cost, requests }: SummaryRow) => ({ cost, requests: Number(requests ?? 0n) });
  const toMixed = (row: SummaryRow) => ({ ...toSum(row), simulatedCost: row.simulated_cost });
  const of = (missing: number) => rows.filter((row) => row.missing === missing);
  const [total] = of(0b111);
  return {
    total: total === undefined ? none : toSum(total),
    simulated: total === undefined ? none : { cost: total.simulated_cost, requests: Number(total.simulated_requests) },
    byClient: of(0b011).map((row) => ({
      ...toMixed(row),
      clientId: row.client_id ?? '',
      client: row.client ?? undefined,
    })),
    byModel: of(0b101).map((row) => ({ ...toMixed(row), upstream: row.upstream ?? '', model: row.model ?? '' })),
    byDay: of(0b110).map((row) => ({ ...toMixed(row), day: row.day ?? '' })),
  };
}

/**
 * What the account's own provider keys cost in one month, by AI provider. The operator's keys and simulated requests,
 * for which `with_operator_key` is null, are left out.
 */
export async function summarizeOwnKeys(
  db: Database,
  { accountId, month }: Pick<SummaryQuery, 'accountId' | 'month'>,
): Promise<ReadonlyMap<Upstream, UsageSum>> {
  const { rows } = await sql<{ upstream: Upstream; cost: bigint; requests: bigint }>`
    select upstream, ${boundedSum} as cost, sum(requests)::bigint as requests
    from usage_of_months(${accountId}, ${month}::date, ${month}::date) where not with_operator_key group by upstream`.execute(
    db,
  );
  return new Map(rows.map(({ upstream, cost, requests }) => [upstream, { cost, requests: Number(requests) }]));
}

interface SummaryRow {
  readonly client_id: string | null;
  readonly client: ClientIdentity | null;
  readonly upstream: Upstream | null;
  readonly model: string | null;
  readonly day: string | null;
  /**
   * A bit mask with one bit each for client, model and day. A bit is set if the row sums up all values of that column.
   */
  readonly missing: number;
  readonly cost: bigint;
  /** Null in the total when there were no requests. */
  readonly requests: bigint | null;
  readonly simulated_cost: bigint;
  readonly simulated_requests: bigint;
}
