import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { deleteAccount, summarizeInstance, summarizeOwnKeys, summarizeUsage } from '../src/authorization/index.js';
import { dropLedgerBefore, openDatabase, verifyUsage } from '../src/index.js';
import { insertReplica, markSimulated } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addOwner, addUpAll, admit, serve, settle, thisMonth } from './usage-fixtures.js';

let test: TestDatabase;
beforeEach(waitPastMidnight);
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
afterEach(() => test.close());

it('the monthly sums of an account and of the instance count each request once, while two replicas settle at the same time', async () => {
  const [one, other] = [await addOwner(test.db), await addOwner(test.db)];
  const second = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 5 });
  const dbs = [test.db, second];
  await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      Promise.all([
        serve(dbs[n % 2] ?? second, one, 5),
        serve(dbs[(n + 1) % 2] ?? second, other, 5, { upstream: 'google', model: 'g' }),
      ]),
    ),
  );
  await second.destroy();
  expect(await verifyUsage(test.db)).toEqual([]);
  expect(await summarizeUsage(test.db, { accountId: one.accountId, month: thisMonth() })).toMatchObject({
    total: { cost: 400n, requests: 40 },
    byModel: [{ upstream: 'openai', model: 'gpt-4o', cost: 400n, requests: 40 }],
  });
  expect(await summarizeInstance(test.db, thisMonth())).toMatchObject({
    isComplete: true,
    withKeysOf: {
      operator: { cost: 400n, requests: 40 },
      owner: { cost: 400n, requests: 40 },
      unknown: { cost: 0n, requests: 0 },
    },
    byProvider: expect.arrayContaining([
      { upstream: 'google', keyOwner: 'operator', cost: 400n, requests: 40 },
      { upstream: 'openai', keyOwner: 'owner', cost: 400n, requests: 40 },
    ]),
    byAccount: [{ cost: 400n }, { cost: 400n }],
    omitted: { models: 0, clients: 0, accounts: 0 },
  });
});

it('simulated requests are counted, but neither as requests with the owner’s key nor with the operator’s', async () => {
  const owner = await addOwner(test.db);
  const query = { accountId: owner.accountId, month: thisMonth() };
  const check = async (cost: bigint, requests: number) => {
    expect((await summarizeUsage(test.db, query)).total).toEqual({ cost: cost * 2n, requests: requests * 2 });
    expect(await summarizeOwnKeys(test.db, query)).toEqual(new Map([['openai', { cost, requests }]]));
    expect(await summarizeInstance(test.db, thisMonth())).toMatchObject({
      withKeysOf: { operator: { requests: 0 }, owner: { cost, requests }, simulated: { cost, requests } },
      byProvider: [{ keyOwner: 'owner' }, { keyOwner: 'simulated' }],
    });
    expect(await verifyUsage(test.db)).toEqual([]);
  };
  const serveBoth = async () => {
    await serve(test.db, owner, 2);
    const requests = await admit(test.db, owner, 2);
    for (const request of requests) await markSimulated(test.db, request);
    await settle(test.db, requests);
  };
  await serveBoth();
  await check(20n, 2);
  await addUpAll(test.db);
  await check(20n, 2);
  await serveBoth();
  await addUpAll(test.db);
  await check(40n, 4);
  // starts the sums again, so that requests are added up from the ledger
  await sql`truncate usage_recent, usage_days, usage_months`.execute(test.db);
  await sql`update usage_start set counted_from = clock_timestamp()`.execute(test.db);
  expect(await summarizeOwnKeys(test.db, query)).toEqual(new Map([['openai', { cost: 40n, requests: 4 }]]));
  await addUpAll(test.db);
  await check(40n, 4);
});

it('the sums of a deleted account remain, without its e-mail address and under another identifier', async () => {
  const owner = await addOwner(test.db);
  await serve(test.db, owner, 2);
  await addUpAll(test.db);
  await serve(test.db, owner, 1);
  await deleteAccount(test.db, owner.accountId);
  const { byAccount } = await summarizeInstance(test.db, thisMonth());
  expect(byAccount).toMatchObject([{ email: undefined, cost: 30n, requests: 3 }]);
  expect(byAccount[0]?.accountId).not.toBe(owner.accountId);
  expect(await verifyUsage(test.db)).toEqual([]);
});

it('the sums of months that are dropped from the ledger are removed', async () => {
  const owner = await addOwner(test.db);
  await serve(test.db, owner, 3);
  await addUpAll(test.db);
  await sql`
    insert into usage_months select (month - interval '2 months')::date, part, upstream, name, cost, requests
    from usage_months`.execute(test.db);
  await sql`
    insert into usage_days select grant_id, (month - interval '2 months')::date, (day - interval '2 months')::date, upstream,
      model, with_operator_key, account_id, client_id, cost, requests, simulated_cost, simulated_requests from usage_days`.execute(
    test.db,
  );
  await dropLedgerBefore(test.db, { before: new Date(thisMonth()) });
  for (const table of ['usage_days', 'usage_months']) {
    const { rows } = await sql`select distinct month::text from ${sql.table(table)}`.execute(test.db);
    expect(rows).toEqual([{ month: thisMonth() }]);
  }
});

it('a month whose first hours were dropped with the month before is shown, but not compared with the ledger', async () => {
  // East of UTC, the second month begins before the first month has ended in UTC.
  const { rows } = await sql<{ first: string; second: string }>`
    select (${thisMonth()}::date - interval '3 months')::date::text as first, (${thisMonth()}::date - interval '2 months')::date::text as second`.execute(
    test.db,
  );
  const [{ first, second } = { first: '', second: '' }] = rows;
  await sql`select create_ledger_partition(${first}::date)`.execute(test.db);
  await sql`
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, catalogue_version)
    values (gen_random_uuid(), ${second}::timestamp at time zone 'UTC' - interval '1 hour', 'g', 'a', 'c', 'openai', 'm', 'o', 'reported',
      true, 10, 10, ${second}::date, ${second}::date, 'v')`.execute(test.db);
  await addUpAll(test.db);
  expect(await verifyUsage(test.db)).toEqual([]);
  expect(await dropLedgerBefore(test.db, { before: new Date(second) })).toHaveLength(1);
  expect((await summarizeInstance(test.db, second)).withKeysOf.owner.requests).toBe(1);
  expect(await verifyUsage(test.db)).toEqual([]);
});

it('the sums of a month stay while its rows stay in the ledger, because it ended less than three days ago', async () => {
  const owner = await addOwner(test.db);
  await serve(test.db, owner, 3);
  await addUpAll(test.db);
  const { rows } = await sql<{ month: string }>`
    update usage_days set month = date_trunc('month', (now() - interval '3 days') at time zone 'UTC')::date
    returning month::text`.execute(test.db);
  await dropLedgerBefore(test.db, { before: new Date('9999-01-01') });
  expect((await sql<{ month: string }>`select month::text from usage_days`.execute(test.db)).rows).toEqual([
    { month: rows[0]?.month },
  ]);
});

it('verifyUsage names each sum that does not agree with the ledger, even if the sum or its rows are missing', async () => {
  const owner = await addOwner(test.db);
  await serve(test.db, owner, 3);
  await addUpAll(test.db);
  await sql`update usage_days set cost = cost + 1`.execute(test.db);
  await sql`update usage_months set requests = requests - 1 where part = 'model'`.execute(test.db);
  await sql`delete from usage_months where part = 'provider'`.execute(test.db);
  await sql`insert into usage_months values (${thisMonth()}::date, 'account', '', 'nobody', 7, 1)`.execute(test.db);
  const day = new Date().toISOString().slice(0, 10);
  expect(await verifyUsage(test.db)).toEqual([
    { of: `grant ${owner.grantId}  ${day}`, counted: '31 for 3 requests', expected: '30 for 3 requests' },
    { of: `${thisMonth()}  account nobody`, counted: '7 for 1 requests', expected: '0 for 0 requests' },
    { of: `${thisMonth()}  model openai/gpt-4o`, counted: '30 for 2 requests', expected: '30 for 3 requests' },
    { of: `${thisMonth()}  provider openai/owner`, counted: '0 for 0 requests', expected: '30 for 3 requests' },
  ]);
});
