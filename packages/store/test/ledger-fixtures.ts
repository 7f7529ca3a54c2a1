import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../src/index.js';
import { admitRequests, insertReplica, settleRequests } from '../src/proxying/index.js';

export interface LedgerRows {
  readonly grantIds: readonly string[];
  readonly count: number;
  /** The requests are admitted at equal intervals from `from` to `to`. */
  readonly from: Date;
  readonly to: Date;
}

/**
 * Writes rows of ended requests, and counts them for their grants. Their day and their month ended long ago, so the
 * counters of the day and of the month stay as they are.
 */
export async function fillLedger(db: Database, { grantIds, count, from, to }: LedgerRows): Promise<void> {
  const ids = [...grantIds];
  await sql`
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, tool_calls,
      status, duration_milliseconds, first_byte_milliseconds, catalogue_version)
    select gen_random_uuid(), at, (${ids}::text[])[1 + n % ${ids.length}], 'account', 'client', 'openai', 'gpt-4o',
      'openai.chat/completions', 'reported', true, 1000 + n % 7, 2000, '2000-01-01', '2000-01-01', 100, 0, 0, 50, 0, 200, 900, 300, 'genai-prices@0.1.8'
    from generate_series(0, ${count}::integer - 1) as n,
      lateral (select ${from}::timestamptz + (${to}::timestamptz - ${from}::timestamptz) * (n::float8 / ${count}::integer)) as t (at)`.execute(
    db,
  );
  await sql`
    update grants g set used_requests = used_requests + f.requests, spent = spent + f.cost
    from (
      select (${ids}::text[])[1 + n % ${ids.length}] as grant_id, count(*) as requests, sum(1000 + n % 7)::bigint as cost
      from generate_series(0, ${count}::integer - 1) as n group by 1
    ) f where g.id = f.grant_id`.execute(db);
}

export async function announceReplica(db: Database): Promise<string> {
  const replicaId = randomUUID();
  await insertReplica(db, { replicaId, leaseSeconds: 3_600 });
  return replicaId;
}

interface TestRequest {
  readonly grantId: string;
  readonly replicaId: string;
  readonly accountId?: string;
}

/** Admits one request and does not settle it. @returns its id */
export async function reserveRequest(
  db: Database,
  { grantId, replicaId, accountId = 'account' }: TestRequest,
): Promise<string> {
  const requestId = randomUUID();
  const request = { requestId, grantId, accountId, estimate: 100n, floor: 50n, tokens: 100, isStream: false };
  const asked = { ...request, upstream: 'openai' as const, model: 'gpt-4o', operation: 'openai.chat/completions' };
  const [admission] = await admitRequests(db, { replicaId, catalogueVersion: 'test', requests: [asked] });
  if (admission?.verdict !== 'admitted') throw new Error(`the request was not admitted: ${admission?.verdict}`);
  return requestId;
}

/** Admits one request and settles it. @returns its id, and the duration of the settlement */
export async function serveRequest(
  db: Database,
  request: TestRequest,
): Promise<{ readonly requestId: string; readonly settlementMilliseconds: number }> {
  const requestId = await reserveRequest(db, request);
  const { grantId, accountId = 'account' } = request;
  const beganAt = performance.now();
  await settleRequests(db, [{ requestId, grantId, accountId, settlement: 'reported', cost: 40n }]);
  return { requestId, settlementMilliseconds: performance.now() - beganAt };
}

/** Drops the partitions of all months, as if time had passed and the proxy had created none for these months. */
export async function dropMonths(db: Database): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'ledger'::regclass and c.relname <> 'ledger_default'`.execute(db);
  for (const { name } of rows) await sql`drop table ${sql.table(name)}`.execute(db);
}

export async function countRows(db: Database, table: string): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`select count(*) as count from ${sql.table(table)}`.execute(db);
  return Number(rows[0]?.count);
}
