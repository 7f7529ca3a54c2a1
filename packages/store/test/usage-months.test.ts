import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { listUsageMonths, summarizeInstance, summarizeUsage } from '../src/authorization/index.js';
import { addUpUsage, correctCharge, type Database, openDatabase, verifyUsage } from '../src/index.js';
import { insertReplica } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addOwner, addUpAll, admit, countRecent, serve, settle, thisMonth } from './usage-fixtures.js';

let test: TestDatabase;
let second: Database;
beforeEach(waitPastMidnight);
beforeEach(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  second = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 5 });
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
afterEach(async () => {
  await second.destroy();
  await test.close();
});

async function takeStep(db: Database, rows: number): Promise<boolean> {
  const { rows: results } = await sql<{ has_more: boolean }>`select add_up_usage(${rows}) as has_more`.execute(db);
  return results[0]?.has_more === true;
}

/** The next period may begin at once, and not only after a minute. */
const allowNextPeriod = () => sql`update usage_start set period_began_at = '-infinity'`.execute(test.db);

/** As if the database had been upgraded now, from a release that did not keep these sums. */
async function forgetSums(): Promise<void> {
  await sql`delete from usage_recent`.execute(test.db);
  await sql`update usage_start set counted_from = clock_timestamp(), keys_recorded_from = clock_timestamp()`.execute(
    test.db,
  );
}

it('the sums are moved exactly once while two replicas settle and two servers add up', async () => {
  const owners = await Promise.all([1, 2, 3, 4].map(() => addOwner(test.db)));
  const settling = Promise.all(
    owners.map(async (owner, n) => {
      for (let round = 0; round < 12; round++) await serve(round % 2 === 0 ? test.db : second, owner, n + 1);
    }),
  );
  let isSettling = true;
  const adding = [test.db, second].map(async (db) => {
    while (isSettling) {
      await takeStep(db, 2);
      await allowNextPeriod();
    }
  });
  await settling;
  isSettling = false;
  await Promise.all(adding);
  expect(await verifyUsage(test.db)).toEqual([]);
  await addUpAll(test.db);
  expect(await verifyUsage(test.db)).toEqual([]);
  expect((await summarizeInstance(test.db, thisMonth())).withKeysOf.owner).toEqual({ cost: 1_200n, requests: 120 });
});

it('the sums of a settlement that has not ended yet stay where they are until it ends', async () => {
  const owner = await addOwner(test.db);
  const requests = await admit(test.db, owner, 3);
  await second.transaction().execute(async (transaction) => {
    await settle(transaction, requests);
    const other = await addOwner(test.db);
    await serve(test.db, other, 1);
    for (let step = 0; step < 5; step++) await takeStep(test.db, 10);
    expect(await countRecent(test.db)).toBe(1);
    expect((await summarizeInstance(test.db, thisMonth())).withKeysOf.owner.requests).toBe(1);
  });
  expect((await summarizeInstance(test.db, thisMonth())).withKeysOf.owner.requests).toBe(4);
  await addUpAll(test.db);
  expect(await verifyUsage(test.db)).toEqual([]);
});

it('a new period begins at most once a minute, and not in a database where nothing happens', async () => {
  const readPeriod = async () => (await sql`select period from usage_start`.execute(test.db)).rows;
  await addUpUsage(test.db);
  expect(await readPeriod()).toEqual([{ period: 1n }]);
  const owner = await addOwner(test.db);
  for (let round = 0; round < 3; round++) {
    await serve(test.db, owner, 1);
    await addUpUsage(test.db);
  }
  expect(await readPeriod()).toEqual([{ period: 2n }]);
});

it('requests from before the sums were kept are added up in the background, and none is counted twice', async () => {
  const owner = await addOwner(test.db);
  await serve(test.db, owner, 30);
  const late = await admit(test.db, owner, 2);
  await forgetSums();
  await serve(test.db, owner, 2, { upstream: 'google', model: 'g' });
  const readTotal = async () =>
    (await summarizeUsage(test.db, { accountId: owner.accountId, month: thisMonth() })).total;
  expect(await readTotal()).toEqual({ cost: 320n, requests: 32 });
  expect(await summarizeInstance(test.db, thisMonth())).toMatchObject({
    isComplete: false,
    withKeysOf: { operator: { requests: 2 }, unknown: { requests: 0 } },
  });
  for (let step = 0; step < 4; step++) await takeStep(test.db, 7);
  expect(await readTotal()).toEqual({ cost: 320n, requests: 32 });
  await settle(test.db, late);
  expect(await readTotal()).toEqual({ cost: 340n, requests: 34 });
  await addUpAll(test.db);
  expect(await readTotal()).toEqual({ cost: 340n, requests: 34 });
  expect(await summarizeInstance(test.db, thisMonth())).toMatchObject({
    isComplete: true,
    withKeysOf: {
      operator: { cost: 20n, requests: 2 },
      owner: { cost: 0n, requests: 0 },
      unknown: { cost: 320n, requests: 32 },
    },
    byProvider: [
      { upstream: 'openai', keyOwner: 'unknown', cost: 320n },
      { upstream: 'google', keyOwner: 'operator', cost: 20n },
    ],
  });
  expect(await verifyUsage(test.db)).toEqual([]);
});

it('earlier requests that are corrected while they are being added up are counted once', async () => {
  const owners = await Promise.all([1, 2, 3].map(() => addOwner(test.db)));
  const requests = (await Promise.all(owners.map((owner) => admit(test.db, owner, 15)))).flat();
  for (const request of requests) await settle(test.db, [request]);
  await forgetSums();
  const correcting = Promise.all(
    requests.map(async ({ requestId }, n) => {
      await sleep(n);
      await correctCharge(n % 2 === 0 ? test.db : second, { requestId, cost: 7n, reason: 'test' });
    }),
  );
  while (await takeStep(test.db, 3)) await sleep(1);
  await correcting;
  await addUpAll(test.db);
  expect((await summarizeInstance(test.db, thisMonth())).withKeysOf.unknown).toEqual({ cost: 315n, requests: 45 });
  expect(await verifyUsage(test.db)).toEqual([]);
});

it('the spending of the instance is read without the rows of days and requests', async () => {
  const owner = await addOwner(test.db);
  await serve(test.db, owner, 1);
  await addUpAll(test.db);
  await sql`
    insert into usage_days select 'g' || n, ${thisMonth()}::date, ${thisMonth()}::date + n % 28, 'openai', 'gpt-4o', false, 'a' || n % 50, 'c',
      1, 1, 0, 0 from generate_series(1, 5000) n`.execute(test.db);
  await sql`
    insert into usage_months select ${thisMonth()}::date, 'account', '', 'a' || n, 100, 100 from generate_series(1, 50) n`.execute(
    test.db,
  );
  await sql`analyze usage_days, usage_months`.execute(test.db);
  await test.db.transaction().execute(async (transaction) => {
    expect((await summarizeInstance(transaction, thisMonth())).omitted.accounts).toBe(31);
    const { rows } = await sql<{ name: string; read: number }>`
      select relname as name, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables
      where relname ~ '^(usage|ledger)'`.execute(transaction);
    const read = new Map(rows.map((row) => [row.name.replace(/^ledger.*/, 'ledger'), row.read]));
    expect([read.get('usage_days') ?? 0, read.get('ledger') ?? 0]).toEqual([0, 0]);
    expect(read.get('usage_months')).toBeLessThan(500);
  });
});

async function countScans(db: Database): Promise<number> {
  const { rows } = await sql<{ scans: number }>`
    select seq_scan::int as scans from pg_stat_xact_user_tables where relname = 'usage_start'`.execute(db);
  return rows[0]?.scans ?? 0;
}

it('the months of an app are read at once, including those whose requests are not added up yet', async () => {
  const owner = await addOwner(test.db);
  const { client_id: clientId } = await test.db
    .selectFrom('grants')
    .select('client_id')
    .where('id', '=', owner.grantId)
    .executeTakeFirstOrThrow();
  await serve(test.db, owner, 3);
  await forgetSums();
  await serve(test.db, owner, 2);
  const monthsAgo = (count: number) => {
    const [year = 0, month = 0] = thisMonth().split('-').map(Number);
    return new Date(Date.UTC(year, month - 1 - count)).toISOString().slice(0, 10);
  };
  for (const [count, app] of [
    [1, clientId],
    [11, clientId],
    [11, 'another app'],
    [12, clientId],
  ] as const)
    await sql`
      insert into usage_days (grant_id, month, day, upstream, model, with_operator_key, account_id, client_id, cost, requests)
      values (${`${app} ${count}`}, ${monthsAgo(count)}::date, ${monthsAgo(count)}::date, 'openai', 'gpt-4o', false,
        ${owner.accountId}, ${app}, 100, 1)`.execute(test.db);
  const query = { accountId: owner.accountId, clientId, from: monthsAgo(11), to: thisMonth() };
  await test.db.transaction().execute(async (transaction) => {
    const before = await countScans(transaction);
    expect(await listUsageMonths(transaction, query)).toEqual([
      { month: monthsAgo(11), cost: 100n, requests: 1 },
      { month: monthsAgo(1), cost: 100n, requests: 1 },
      { month: thisMonth(), cost: 50n, requests: 5 },
    ]);
    // each call of the function reads this table once
    expect((await countScans(transaction)) - before).toBe(1);
  });
});

it('a database that was restored on another server, with other transaction ids, continues to add up its sums', async () => {
  const owner = await addOwner(test.db);
  await serve(test.db, owner, 1);
  await sql`update usage_start set period_began_before = '9000000000'`.execute(test.db);
  await addUpAll(test.db);
});
