import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { boundedSum, type UsageSum } from './summarize-usage.js';

/**
 * The ended requests of all accounts in one month, summed up in several ways. The lists of models, clients and accounts
 * have only the rows with the highest cost, at most `most`. Each list is sorted by cost, the highest first.
 */
export interface InstanceUsage {
  readonly withOperatorKeys: UsageSum;
  readonly withOwnKeys: UsageSum;
  readonly byProvider: readonly (UsageSum & { readonly upstream: Upstream; readonly withOperatorKey: boolean })[];
  readonly byModel: readonly (UsageSum & { readonly upstream: Upstream; readonly model: string })[];
  readonly byClient: readonly (UsageSum & { readonly clientId: string; readonly clientName: string })[];
  /** `email`: undefined for a deleted account. */
  readonly byAccount: readonly (UsageSum & { readonly accountId: string; readonly email: string | undefined })[];
  /** A day is `YYYY-MM-DD` in the time zone of the account. */
  readonly byDay: readonly (UsageSum & { readonly day: string })[];
  /** How many models, apps and accounts there are that the lists leave out. */
  readonly omitted: { readonly models: number; readonly clients: number; readonly accounts: number };
}

/** The most rows in the list of models, of clients or of accounts. */
const most = 20;

/** @param month the first day of the month, as `YYYY-MM-DD` */
export async function summarizeInstance(db: Database, month: string): Promise<InstanceUsage> {
  const { rows } = await sql<Row>`
    with sums as (
      select upstream, model, client_id, account_id, day::text as day, with_operator_key,
        grouping(upstream, model, client_id, account_id, day, with_operator_key) as missing,
        ${boundedSum} as cost, sum(requests)::bigint as requests
      from usage_of_month(null, ${month}::date)
      group by grouping sets ((upstream, with_operator_key), (upstream, model), (client_id), (account_id), (day))
    ), ranked as (
      select *, row_number() over (partition by missing order by cost desc, requests desc, upstream, model, client_id,
        account_id) as place, count(*) over (partition by missing) as total
      from sums
    )
    select r.*, c.name as client_name, a.email from ranked r
    left join clients c on c.id = r.client_id left join accounts a on a.id = r.account_id
    where place <= ${most} or missing in (${kinds.provider}, ${kinds.day}) order by missing, place`.execute(db);
  const of = (kind: keyof typeof kinds) => rows.filter((row) => row.missing === kinds[kind]);
  const byProvider = of('provider').map((row) => ({
    ...toSum(row),
    upstream: row.upstream ?? '',
    withOperatorKey: row.with_operator_key === true,
  }));
  const omitted = (kind: keyof typeof kinds) => Math.max(0, Number(of(kind)[0]?.total ?? 0) - most);
  return {
    withOperatorKeys: addUp(byProvider.filter((row) => row.withOperatorKey)),
    withOwnKeys: addUp(byProvider.filter((row) => !row.withOperatorKey)),
    byProvider,
    byModel: of('model').map((row) => ({ ...toSum(row), upstream: row.upstream ?? '', model: row.model ?? '' })),
    byClient: of('client').map((row) => ({
      ...toSum(row),
      clientId: row.client_id ?? '',
      clientName: row.client_name ?? row.client_id ?? '',
    })),
    byAccount: of('account').map((row) => ({
      ...toSum(row),
      accountId: row.account_id ?? '',
      email: row.email ?? undefined,
    })),
    byDay: of('day').map((row) => ({ ...toSum(row), day: row.day ?? '' })),
    omitted: { models: omitted('model'), clients: omitted('client'), accounts: omitted('account') },
  };
}

/**
 * The value of `missing` for the rows of each list. Its six bits are, from the highest, for upstream, model, client,
 * account, day and kind of provider key. A bit is set if the row sums up all values of that column.
 */
const kinds = { provider: 0b011110, model: 0b001111, client: 0b110111, account: 0b111011, day: 0b111101 } as const;

interface Row {
  readonly missing: number;
  readonly upstream: Upstream | null;
  readonly model: string | null;
  readonly client_id: string | null;
  readonly client_name: string | null;
  readonly account_id: string | null;
  readonly email: string | null;
  readonly day: string | null;
  readonly with_operator_key: boolean | null;
  readonly total: bigint;
  readonly cost: bigint;
  readonly requests: bigint;
}

function toSum({ cost, requests }: Row): UsageSum {
  return { cost, requests: Number(requests) };
}

function addUp(sums: readonly UsageSum[]): UsageSum {
  return sums.reduce((all, { cost, requests }) => ({ cost: all.cost + cost, requests: all.requests + requests }), {
    cost: 0n,
    requests: 0,
  });
}
