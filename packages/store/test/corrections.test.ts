import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { findAccountLimit, findGrant, listUsage, setAccountLimit } from '../src/authorization/index.js';
import {
  correctCharge,
  type Database,
  deleteExpired,
  openDatabase,
  verifyLedger,
  verifyOperatorSpending,
  verifyUsage,
} from '../src/index.js';
import {
  type AdmissionRequest,
  admitRequests,
  endLease,
  insertReplica,
  markSimulated,
  type Settlement,
  settleDeadReplicas,
  settleRequests,
} from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
let replicas: readonly Database[];
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  replicas = [1, 2].map(() => openDatabase({ url: test.url, applicationName: 'test', maxConnections: 10 }));
});
beforeEach(waitPastMidnight);
afterAll(async () => {
  expect([await verifyLedger(test.db), await verifyOperatorSpending(test.db), await verifyUsage(test.db)]).toEqual([
    [],
    [],
    [],
  ]);
  await Promise.all(replicas.map((db) => db.destroy()));
  await test.close();
});

const operatorKeys = {
  upstreams: ['openai'],
  maxCostPerMonth: 1_000_000n,
  maxCostPerMonthOfAccount: 1_000_000n,
};

interface Abandoned {
  readonly accountId: string;
  readonly grantId: string;
  readonly requests: readonly AdmissionRequest[];
}

/** Admits requests of 100 nano-dollars each. Their replica is declared dead while they are in progress. */
async function abandon(count: number, { isSimulated = false } = {}): Promise<Abandoned> {
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000_000n, mayRaise: true });
  const grantId = await addGrant(test.db, { accountId, limits: { maxRequests: 100, maxCost: 100_000n } });
  const replicaId = randomUUID();
  await insertReplica(test.db, { replicaId, leaseSeconds: 60 });
  const kind = { upstream: 'openai', model: 'gpt-4o', operation: 'openai.chat/completions' };
  const requests = Array.from({ length: count }, () => ({
    requestId: randomUUID(),
    grantId,
    accountId,
    estimate: 100n,
    floor: 10n,
    tokens: 100,
    isStream: true,
    ...kind,
  }));
  await admitRequests(test.db, { replicaId, catalogueVersion: 'test', requests, operatorKeys });
  if (isSimulated) for (const request of requests) expect(await markSimulated(test.db, request)).toBe(true);
  await endLease(test.db, replicaId);
  expect(await settleDeadReplicas(test.db)).toBe(count);
  return { accountId, grantId, requests };
}

async function readCounters({ accountId, grantId }: Abandoned) {
  const usage = (await findGrant(test.db, grantId))?.usage;
  const limit = await findAccountLimit(test.db, accountId);
  const { rows } = await sql<{ cost: bigint; held: bigint }>`
    select cost, held from operator_spending where account_id = ${accountId}`.execute(test.db);
  const { requests, spent, reserved, day, month } = usage ?? {};
  return {
    requests,
    reserved,
    costs: [spent, day?.cost, month?.cost, limit?.monthCost, rows[0]?.cost],
    ofKeys: rows[0]?.held,
  };
}

const all = (cost: bigint) => Array(5).fill(cost);
const listRows = async ({ grantId }: Abandoned) =>
  (
    await sql`select settlement, cost, counted, corrects is not null as corrects from ledger
    where grant_id = ${grantId} order by settled_at, settlement`.execute(test.db)
  ).rows;

it.each([
  ['less than was charged', 40n],
  ['more than was charged', 250n],
])('a late settlement of %s adds a row to the ledger and corrects every counter', async (_case, cost) => {
  const abandoned = await abandon(1);
  expect(await readCounters(abandoned)).toEqual({ requests: 1, reserved: 0n, costs: all(100n), ofKeys: 0n });
  const settlements = abandoned.requests.map((request) => ({ ...request, settlement: 'reported', cost }) as const);
  expect(await settleRequests(test.db, settlements)).toEqual({ settled: 1, corrected: 1 });
  expect(await settleRequests(test.db, settlements)).toEqual({ settled: 0, corrected: 0 });
  expect(await readCounters(abandoned)).toEqual({ requests: 1, reserved: 0n, costs: all(cost), ofKeys: 0n });
  expect(await listRows(abandoned)).toEqual([
    { settlement: 'abandoned', cost: 100n, counted: true, corrects: false },
    { settlement: 'corrected', cost: cost - 100n, counted: false, corrects: true },
  ]);
  const { accountId, grantId } = abandoned;
  expect((await listUsage(test.db, { accountId, of: { grantId }, limit: 5 })).entries).toMatchObject([
    { settlement: 'corrected', cost: cost - 100n },
    { settlement: 'abandoned', cost: 100n },
  ]);
});

it('each row of the ledger about a request with a simulated answer says so, even after its proxy died and after corrections', async () => {
  for (const isSimulated of [true, false]) {
    const { accountId, grantId, requests } = await abandon(1, { isSimulated });
    const [request] = requests;
    if (request === undefined) throw new Error('one request is admitted');
    await settleRequests(test.db, [{ ...request, settlement: 'reported', cost: 40n }]);
    await correctCharge(test.db, { requestId: request.requestId, cost: 30n, reason: 'test' });
    const { entries } = await listUsage(test.db, { accountId, of: { grantId }, limit: 5 });
    expect(entries.map((entry) => [entry.cost, entry.isSimulated])).toEqual([
      [-10n, isSimulated],
      [-60n, isSimulated],
      [100n, isSimulated],
    ]);
  }
});

it('a request whose proxy was declared dead can no longer be marked as simulated', async () => {
  const [request] = (await abandon(1)).requests;
  if (request === undefined) throw new Error('one request is admitted');
  expect(await markSimulated(test.db, request)).toBe(false);
});

it('a request that turns out not to have been sent no longer counts, and one that is not billed costs nothing', async () => {
  const abandoned = await abandon(3);
  const how = ['released', 'unbilled', 'estimated'] as const;
  const settlements = abandoned.requests.map((request, n) => ({
    ...request,
    settlement: how[n] ?? 'estimated',
    cost: undefined,
  }));
  expect(await settleRequests(test.db, settlements)).toEqual({ settled: 3, corrected: 3 });
  expect(await readCounters(abandoned)).toEqual({ requests: 2, reserved: 0n, costs: all(100n), ofKeys: 0n });
  expect((await listRows(abandoned)).slice(3)).toEqual([
    { settlement: 'corrected', cost: -100n, counted: false, corrects: true },
    { settlement: 'withdrawn', cost: -100n, counted: false, corrects: true },
  ]);
});

it('a charge is corrected once, even if it is settled repeatedly by several replicas, while other requests are admitted', async () => {
  const abandoned = await abandon(20);
  const replicaId = randomUUID();
  await insertReplica(test.db, { replicaId, leaseSeconds: 60 });
  const settlements: Settlement[] = abandoned.requests.map((request, n) => ({
    ...request,
    settlement: n % 4 === 0 ? 'released' : 'reported',
    cost: n % 4 === 0 ? 0n : BigInt(n * 10),
  }));
  const others = Array.from({ length: 10 }, () => ({ ...abandoned.requests[0], requestId: randomUUID() }));
  const work = Array.from({ length: 10 }, async (_, n) => {
    const db = replicas[n % 2] ?? test.db;
    const requests = others.slice(n, n + 1) as AdmissionRequest[];
    const [counted] = await Promise.all([
      settleRequests(db, n % 3 === 0 ? settlements.toReversed() : settlements),
      admitRequests(db, { replicaId, catalogueVersion: 'test', requests, operatorKeys }),
      settleDeadReplicas(db),
    ]);
    await settleRequests(
      db,
      requests.map((request) => ({ ...request, settlement: 'reported', cost: 1n })),
    );
    return counted;
  });
  expect((await Promise.all(work)).reduce((sum, { corrected }) => sum + corrected, 0)).toBe(20);
  const spent = settlements.reduce((sum, { cost = 0n }) => sum + cost, 10n);
  expect(await readCounters(abandoned)).toEqual({ requests: 25, reserved: 0n, costs: all(spent), ofKeys: 0n });
});

it('a correction for another day and month changes only the total that was spent, and not the counters of today and this month', async () => {
  const abandoned = await abandon(1);
  for (const table of ['abandoned_requests', 'ledger'])
    await sql`update ${sql.table(table)} set admitted_at = admitted_at - interval '40 days', day = day - 40,
      month = date_trunc('month', day - 40), operator_month = date_trunc('month', day - 40)
      where grant_id = ${abandoned.grantId}`.execute(test.db);
  await sql`update usage_recent set day = day - 40, month = date_trunc('month', day - 40)
    where grant_id = ${abandoned.grantId}`.execute(test.db);
  await sql`update grants set day_cost = 0, month_cost = 0 where id = ${abandoned.grantId}`.execute(test.db);
  await sql`update account_limits set month_cost = 0 where account_id = ${abandoned.accountId}`.execute(test.db);
  await sql`update operator_spending set cost = cost - 100 where account_id in ('', ${abandoned.accountId})`.execute(
    test.db,
  );
  await settleRequests(
    test.db,
    abandoned.requests.map((request) => ({ ...request, settlement: 'reported', cost: 40n })),
  );
  expect((await readCounters(abandoned)).costs).toEqual([40n, 0n, 0n, 0n, 0n]);
});

it('an abandoned request can be corrected until its record expires and is removed', async () => {
  const [old, young] = [await abandon(1), await abandon(1)];
  await sql`update abandoned_requests set expires_at = now() - interval '1 second' where grant_id = ${old.grantId}`.execute(
    test.db,
  );
  await deleteExpired(test.db, { table: 'abandoned_requests', worker: 'test' });
  for (const { requests } of [old, young])
    await settleRequests(
      test.db,
      requests.map((request) => ({ ...request, settlement: 'reported', cost: 40n })),
    );
  expect((await readCounters(old)).costs).toEqual(all(100n));
  expect((await readCounters(young)).costs).toEqual(all(40n));
});

it('a sweep charges any number of requests in steps, and a request that cannot be charged does not delay other grants', async () => {
  const accountId = await addAccount(test.db);
  const grantIds = [await addGrant(test.db, { accountId }), await addGrant(test.db, { accountId })];
  const replicaId = randomUUID();
  await insertReplica(test.db, { replicaId, leaseSeconds: 60 });
  const insert = (grantId: string | undefined, count: number, reserved: number) => sql`
    insert into reservations (request_id, replica_id, grant_id, account_id, reserved, estimate, tokens, is_stream, day,
      month, client_id, upstream, model, operation, catalogue_version)
    select gen_random_uuid(), ${replicaId}, id, account_id, ${reserved}, 1, 1, false, current_date, current_date, client_id, 'u',
      'm', 'o', 'v' from grants, generate_series(1, ${count}::int) where id = ${grantId}`;
  await insert(grantIds[0], 2_500, 1).execute(test.db);
  // A negative cost violates a constraint of the ledger, so this request cannot be charged.
  await insert(grantIds[1], 1, -1).execute(test.db);
  await endLease(test.db, replicaId);
  expect(await settleDeadReplicas(test.db)).toBe(2_500);
  expect((await findGrant(test.db, grantIds[0] ?? ''))?.usage).toMatchObject({ spent: 2_500n });
  await sql`delete from reservations where grant_id = ${grantIds[1]}`.execute(test.db);
  // The rows were inserted without an admission, so the counters did not count them.
  await sql`update grants set used_requests = 2500, day = current_date, month = current_date, day_cost = 2500, month_cost = 2500
    where id = ${grantIds[0]}`.execute(test.db);
});

it('an operator can correct a charge repeatedly; each correction adds a row and updates the counters and the audit log', async () => {
  const abandoned = await abandon(2);
  const { accountId, grantId, requests } = abandoned;
  const requestId = requests[0]?.requestId ?? '';
  const correct = (cost: bigint, id = requestId) => correctCharge(test.db, { requestId: id, cost, reason: 'the bill' });
  // The proxy may still correct the charge by itself.
  expect(await correct(30n)).toBeUndefined();
  const settlements = requests.map((request) => ({ ...request, settlement: 'doubted', cost: undefined }) as const);
  await settleRequests(test.db, settlements);
  expect([await correct(30n), await correct(45n), await correct(45n)]).toEqual([-70n, 15n, 0n]);
  expect([await correct(1n, randomUUID()), await correct(-1n)]).toEqual([undefined, undefined]);
  expect(await readCounters(abandoned)).toEqual({ requests: 2, reserved: 0n, costs: all(145n), ofKeys: 0n });
  const rows = (await listUsage(test.db, { accountId, of: { grantId }, limit: 10 })).entries.filter(
    ({ settlement }) => settlement === 'corrected',
  );
  expect(rows.map(({ cost }) => cost)).toEqual([15n, -70n]);
  const { rows: events } = await sql<{ detail: unknown }>`
    select detail from audit_events where event = 'charge_corrected' and grant_id = ${grantId} order by id`.execute(
    test.db,
  );
  expect(events.map(({ detail }) => detail)).toEqual([
    { request: requestId, difference: '-70', reason: 'the bill' },
    { request: requestId, difference: '15', reason: 'the bill' },
  ]);
});

it('after concurrent corrections of one request, its rows add up to the cost of one of them', async () => {
  const { grantId, requests } = await abandon(1);
  const requestId = requests[0]?.requestId ?? '';
  await settleRequests(
    test.db,
    requests.map((each) => ({ ...each, settlement: 'doubted' as const, cost: undefined })),
  );
  const costs = [10n, 20n, 30n, 40n];
  await Promise.all(
    costs.map((cost, at) => correctCharge(replicas[at % 2] ?? test.db, { requestId, cost, reason: 'x' })),
  );
  expect(costs).toContain((await findGrant(test.db, grantId))?.usage.spent);
  expect(await verifyLedger(test.db)).toEqual([]);
});
