import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { deleteAccount, summarizeInstance, summarizeUsage } from '../src/authorization/index.js';
import { type Database, dropLedgerBefore, openDatabase, verifyUsage } from '../src/index.js';
import { type AdmissionRequest, admitRequests, insertReplica, settleRequests } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
afterEach(() => test.close());

const month = `${new Date().toISOString().slice(0, 7)}-01`;

interface Owner {
  readonly accountId: string;
  readonly grantId: string;
}

async function addOwner(): Promise<Owner> {
  const accountId = await addAccount(test.db);
  return { accountId, grantId: await addGrant(test.db, { accountId }) };
}

/** Admits requests and settles each one for 10. */
async function serve(owner: Owner, count: number, changes: Partial<AdmissionRequest> = {}, db: Database = test.db) {
  const requests = Array.from({ length: count }, () => ({
    requestId: randomUUID(),
    ...owner,
    estimate: 100n,
    floor: 100n,
    tokens: 100,
    isStream: false,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'openai.chat/completions',
    ...changes,
  }));
  const operatorKeys = { upstreams: ['google'], maxCostPerMonth: undefined, maxCostPerMonthOfAccount: undefined };
  await admitRequests(db, { replicaId: 'one', catalogueVersion: 'test', requests, operatorKeys });
  await settleRequests(
    db,
    requests.map((request) => ({ ...request, settlement: 'reported', cost: 10n }) as const),
  );
}

it('the months of an account and of the instance count each request once, while two replicas settle at the same time', async () => {
  const [one, other] = [await addOwner(), await addOwner()];
  const second = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 5 });
  const dbs = [test.db, second];
  await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      Promise.all([
        serve(one, 5, {}, dbs[n % 2]),
        serve(other, 5, { upstream: 'google', model: 'g' }, dbs[(n + 1) % 2]),
      ]),
    ),
  );
  await second.destroy();
  expect(await verifyUsage(test.db)).toEqual([]);
  expect(await summarizeUsage(test.db, { accountId: one.accountId, month })).toMatchObject({
    total: { cost: 400n, requests: 40 },
    byModel: [{ upstream: 'openai', model: 'gpt-4o', cost: 400n, requests: 40 }],
  });
  expect(await summarizeInstance(test.db, month)).toMatchObject({
    withOperatorKeys: { cost: 400n, requests: 40 },
    withOwnKeys: { cost: 400n, requests: 40 },
    byProvider: expect.arrayContaining([
      { upstream: 'google', withOperatorKey: true, cost: 400n, requests: 40 },
      { upstream: 'openai', withOperatorKey: false, cost: 400n, requests: 40 },
    ]),
    byAccount: [{ cost: 400n }, { cost: 400n }],
    omitted: { models: 0, clients: 0, accounts: 0 },
  });
});

it('requests from before the sums were kept are added from the ledger, and none is counted twice', async () => {
  const owner = await addOwner();
  await serve(owner, 3);
  await sql`delete from usage_days`.execute(test.db);
  await sql`update usage_start set counted_from = clock_timestamp()`.execute(test.db);
  await serve(owner, 2);
  expect((await summarizeUsage(test.db, { accountId: owner.accountId, month })).total).toEqual({
    cost: 50n,
    requests: 5,
  });
  expect((await summarizeInstance(test.db, month)).withOwnKeys).toEqual({ cost: 50n, requests: 5 });
  expect(await verifyUsage(test.db)).toEqual([]);
});

it('a deleted account leaves its sums under no address', async () => {
  const owner = await addOwner();
  await serve(owner, 3);
  await deleteAccount(test.db, owner.accountId);
  const { byAccount } = await summarizeInstance(test.db, month);
  expect(byAccount).toMatchObject([{ email: undefined, cost: 30n, requests: 3 }]);
  expect(byAccount[0]?.accountId).not.toBe(owner.accountId);
});

it('the sums of months that are dropped from the ledger are removed', async () => {
  const owner = await addOwner();
  await serve(owner, 3);
  await sql`
    insert into usage_days select grant_id, (month - interval '2 months')::date, (day - interval '2 months')::date, upstream,
      model, with_operator_key, account_id, client_id, cost, requests from usage_days`.execute(test.db);
  await dropLedgerBefore(test.db, { before: new Date(month) });
  const { rows } = await sql`select month::text from usage_days`.execute(test.db);
  expect(rows).toEqual([{ month }]);
});

it('the sums of a month stay while its ledger stays, because it ended less than three days ago', async () => {
  const owner = await addOwner();
  await serve(owner, 3);
  const { rows } = await sql<{ month: string }>`
    update usage_days set month = date_trunc('month', (now() - interval '3 days') at time zone 'UTC')::date
    returning month::text`.execute(test.db);
  await dropLedgerBefore(test.db, { before: new Date('9999-01-01') });
  expect((await sql<{ month: string }>`select month::text from usage_days`.execute(test.db)).rows).toEqual([
    { month: rows[0]?.month },
  ]);
});

it('says which sum does not agree with the ledger', async () => {
  const owner = await addOwner();
  await serve(owner, 3);
  await sql`update usage_days set cost = cost + 1`.execute(test.db);
  expect(await verifyUsage(test.db)).toMatchObject([
    { grantId: owner.grantId, counted: '31 for 3 requests', expected: '30 for 3 requests' },
  ]);
});
