import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type ClientIdentity, clientIdentity } from './client-identity.js';
import { simulatedUsage } from './simulated-usage.js';
import { boundedSum, type MixedSum, type UsageOfClient, type UsageSum } from './summarize-usage.js';

/**
 * Whose provider key a request used: the operator's, or one that the resource owner stored. A simulated request used
 * none. Unknown for requests from before this was recorded.
 */
const keyOwners = ['operator', 'owner', 'simulated', 'unknown'] as const;
export type KeyOwner = (typeof keyOwners)[number];

/**
 * The ended requests of all accounts in one month, summed up in several ways. The lists of models, clients and accounts
 * have only the rows with the highest cost, at most `most`. Each list is sorted by cost, the highest first.
 */
export interface InstanceUsage {
  /** False while requests from before an upgrade are still being added up, and this month may have some of them. */
  readonly isComplete: boolean;
  readonly withKeysOf: Readonly<Record<KeyOwner, UsageSum>>;
  readonly byProvider: readonly (UsageSum & { readonly upstream: Upstream; readonly keyOwner: KeyOwner })[];
  readonly byModel: readonly (MixedSum & { readonly upstream: Upstream; readonly model: string })[];
  readonly byClient: readonly UsageOfClient[];
  /** `email`: undefined for a deleted account. */
  readonly byAccount: readonly (MixedSum & { readonly accountId: string; readonly email: string | undefined })[];
  /** A day is `YYYY-MM-DD` in the time zone of the account. */
  readonly byDay: readonly (MixedSum & { readonly day: string })[];
  /** How many models, apps and accounts there are that the lists leave out. */
  readonly omitted: { readonly models: number; readonly clients: number; readonly accounts: number };
}

/** The most rows in the list of models, of clients or of accounts. */
const most = 20;

const order = sql`cost desc, requests desc, upstream, name`;
const limit = sql`case when counts.part in ('provider', 'day') then null else ${most}::integer end`;

/** @param month the first day of the month, as `YYYY-MM-DD` */
export async function summarizeInstance(db: Database, month: string): Promise<InstanceUsage> {
  const { rows } = await sql<Row>`
    with recent as materialized (
      select p.part, p.upstream, p.name, sum(r.cost) as cost, sum(r.requests) as requests from usage_recent r
      cross join usage_parts(r.upstream, r.provider_key, r.model, r.client_id, r.account_id, r.day) p
      where r.month = ${month}::date group by p.part, p.upstream, p.name
    ), changed as materialized (
      select part, upstream, name, r.cost + coalesce(m.cost, 0) as cost, r.requests + coalesce(m.requests, 0) as requests,
        m.part is null as is_new
      from recent r
      left join (select part, upstream, name, cost, requests from usage_months where month = ${month}::date) m
        using (part, upstream, name)
    ), counts as (
      select part, sum(rows) as total from (
        select part, count(*) as rows from usage_months where month = ${month}::date group by part
        union all
        select part, count(*) filter (where is_new) from changed group by part
      ) c group by part
    ), highest as (
      select part, total, h.* from counts cross join lateral (
        -- only the few changed rows are added up; all others are sorted as they are stored
        (select upstream, name, cost, requests from usage_months m
          where month = ${month}::date and part = counts.part and not exists (
            select from recent r where r.part = m.part and r.upstream = m.upstream and r.name = m.name)
          order by ${order} limit ${limit})
        union all
        (select upstream, name, cost, requests from changed where part = counts.part order by ${order} limit ${limit})
        order by ${order} limit ${limit}
      ) h
    )
    select s.counted_from <= ${month}::timestamp at time zone 'UTC' - interval '1 day' as is_complete,
      part, upstream, h.name, total::bigint as total, requests::bigint as requests,
      greatest(least(cost, 9223372036854775807), -9223372036854775808)::bigint as cost, ${clientIdentity} as client, a.email
    from usage_start s left join highest h on true
    left join clients c on part = 'client' and c.id = h.name
    left join accounts a on part = 'account' and a.id = h.name
    order by part, h.cost desc, requests desc, upstream, h.name`.execute(db);
  const of = (part: Row['part']) => rows.filter((row) => row.part === part);
  const byProvider = of('provider').map((row) => ({
    ...toSum(row),
    upstream: row.upstream,
    keyOwner: toKeyOwner(row.name),
  }));
  const withKeysOf = (owner: KeyOwner) => addUp(byProvider.filter(({ keyOwner }) => keyOwner === owner));
  const simulated = withKeysOf('simulated');
  const simulatedOf = simulated.requests > 0 ? await sumSimulated(db, month) : new Map<string, bigint>();
  const toMixed = (row: Row) => ({ ...toSum(row), simulatedCost: simulatedOf.get(keyOf(row)) ?? 0n });
  const omitted = (part: Row['part']) => Math.max(0, Number(of(part)[0]?.total ?? 0) - most);
  return {
    isComplete: rows[0]?.is_complete === true,
    withKeysOf: {
      operator: withKeysOf('operator'),
      owner: withKeysOf('owner'),
      simulated,
      unknown: withKeysOf('unknown'),
    },
    byProvider,
    byModel: of('model').map((row) => ({ ...toMixed(row), upstream: row.upstream, model: row.name })),
    byClient: of('client').map((row) => ({
      ...toMixed(row),
      clientId: row.name,
      client: row.client ?? undefined,
    })),
    byAccount: of('account').map((row) => ({ ...toMixed(row), accountId: row.name, email: row.email ?? undefined })),
    byDay: of('day').map((row) => ({ ...toMixed(row), day: row.name })),
    omitted: { models: omitted('model'), clients: omitted('client'), accounts: omitted('account') },
  };
}

/**
 * The simulated part of the rows of models, clients, accounts and days. Only a server that simulates AI providers has
 * any, so `usage_months` does not store it.
 */
async function sumSimulated(db: Database, month: string): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await sql<Pick<Row, 'part' | 'upstream' | 'name' | 'cost'>>`
    select p.part, p.upstream, p.name, ${boundedSum} as cost from ${simulatedUsage(sql`month = ${month}::date`)} s
    cross join usage_parts(s.upstream, 'simulated', s.model, s.client_id, s.account_id, s.day) p
    where p.part <> 'provider' group by p.part, p.upstream, p.name`.execute(db);
  return new Map(rows.map((row) => [keyOf(row), row.cost]));
}

function keyOf({ part, upstream, name }: Pick<Row, 'part' | 'upstream' | 'name'>): string {
  return JSON.stringify([part, upstream, name]);
}

/**
 * A row of the query's result: one part of the month with its sums until now. For a month without requests, the result
 * has one row, whose `part` is null.
 */
interface Row {
  readonly is_complete: boolean;
  readonly part: 'provider' | 'model' | 'client' | 'account' | 'day' | null;
  readonly upstream: Upstream;
  readonly name: string;
  readonly client: ClientIdentity | null;
  readonly email: string | null;
  readonly total: bigint;
  readonly cost: bigint;
  readonly requests: bigint;
}

function toKeyOwner(name: string): KeyOwner {
  return keyOwners.find((one) => one === name) ?? 'unknown';
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
