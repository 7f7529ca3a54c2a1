import type { Database } from '@aipassport/store';
import { sql } from 'kysely';
import type { TokenSubject } from '../issuer/main.js';
import type { Authority } from '../rig/open-authority.js';
import { clientId, limits, scope, storeProviderKey, upsertBenchmarkClient } from './seed-grants.js';

export interface Growth {
  readonly db: Database;
  readonly authority: Pick<Authority, 'keyFiles'>;
  readonly upstreamPort: number;
  readonly grants: number;
  readonly ledgerRows: number;
  /** The number of grants that are in use, spread evenly among the others. */
  readonly inUse: number;
}

const rowsAtOnce = 1_000_000;
const ledgerMonths = 3;

/** Fills a database. The database server generates the rows, because inserting so many one by one is too slow. */
export async function growDatabase(growth: Growth): Promise<readonly TokenSubject[]> {
  const { db, grants, ledgerRows } = growth;
  await upsertBenchmarkClient(db);
  await inPortions(grants, (from, to) => insertAccountsAndGrants(db, from, to));
  await createPastPartitions(db);
  await inPortions(ledgerRows, (from, to) => insertLedgerRows(growth, from, to));
  await sql`vacuum (analyze)`.execute(db);
  await sql`checkpoint`.execute(db);
  return listInUse(growth);
}

async function inPortions(total: number, insert: (from: number, to: number) => Promise<unknown>): Promise<void> {
  for (let from = 1; from <= total; from += rowsAtOnce) {
    const to = Math.min(total, from + rowsAtOnce - 1);
    console.error(`  rows ${from} to ${to}`);
    await insert(from, to);
  }
}

/** Grant number n is of the account `account-n`. Its id is a hash, so the grants are spread over the whole index. */
async function insertAccountsAndGrants(db: Database, from: number, to: number): Promise<void> {
  await sql`insert into accounts (id, email, password_hash)
    select 'account-' || n, 'owner-' || n || '@example.org', '' from generate_series(${from}::int, ${to}::int) as n`.execute(
    db,
  );
  await sql`insert into grants (id, account_id, client_id, scope, expires_at, max_requests, max_requests_per_minute,
      max_tokens_per_minute, max_streams, max_cost, max_cost_per_day, max_cost_per_month)
    select md5(n::text)::uuid::text, 'account-' || n, ${clientId}, ${scope}, now() + interval '1 day', ${limits.maxRequests},
      ${limits.maxRequestsPerMinute}, ${limits.maxTokensPerMinute}, ${limits.maxStreams}, ${limits.maxCost},
      ${limits.maxCostPerDay}, ${limits.maxCostPerMonth}
    from generate_series(${from}::int, ${to}::int) as n`.execute(db);
}

async function createPastPartitions(db: Database): Promise<void> {
  await sql`select create_ledger_partition((date_trunc('month', now() at time zone 'UTC') - make_interval(months => n))::date)
    from generate_series(1, ${ledgerMonths}::int) as n`.execute(db);
}

async function insertLedgerRows({ db, grants }: Growth, from: number, to: number): Promise<void> {
  await sql`insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation,
      settlement, counted, cost, estimate, day, month, input_tokens, output_tokens, status, duration_milliseconds,
      first_byte_milliseconds, catalogue_version)
    select gen_random_uuid(), at, md5(g::text)::uuid::text, 'account-' || g, ${clientId}, 'openai', 'gpt-4o-mini',
      'openai.chat/completions', 'reported', true, 78750, 200000, at::date, date_trunc('month', at)::date, 57, 117, 200, 800, 300, 'made up'
    from (
      select now() - random() * interval '90 days' as at, 1 + floor(random() * ${grants}::int)::int as g
      from generate_series(${from}::int, ${to}::int)
    ) as r`.execute(db);
}

/** Lists the grants that are in use, and stores a provider key for the account of each. */
async function listInUse({ db, authority, upstreamPort, grants, inUse }: Growth): Promise<readonly TokenSubject[]> {
  const { rows } = await sql<{ grant_id: string; account_id: string }>`
    select md5(n::text)::uuid::text as grant_id, 'account-' || n as account_id
    from generate_series(1, ${grants}::int, ${Math.floor(grants / inUse)}::int) as n limit ${inUse}`.execute(db);
  for (const { account_id: accountId } of rows) await storeProviderKey({ db, authority, upstreamPort }, accountId);
  return rows.map((row) => ({ grantId: row.grant_id, accountId: row.account_id, clientId, scope }));
}
