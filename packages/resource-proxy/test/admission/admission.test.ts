import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { openDatabase, verifyLedger } from '@aipassport/store';
import { insertAccount, insertGrant, upsertClient } from '@aipassport/store/authorization';
import { type AdmissionRequest, admitRequests, findGrantStatus } from '@aipassport/store/proxying';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { AdmissionStatement } from '../../src/admission/admission-statement.js';
import { createSettler } from '../../src/admission/create-settler.js';
import { keepLease } from '../../src/admission/keep-lease.js';
import { createBatcher } from '../../src/create-batcher.js';
import { Denied } from '../../src/denials/denial.js';
import { waitUntil } from '../support/wait-until.js';

let test: TestDatabase;
let accountId: string;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  accountId = (await insertAccount(test.db, { email: 'owner@example.com', passwordHash: 'not-a-hash' }))?.id ?? '';
  await upsertClient(test.db, {
    id: 'client',
    name: 'Client',
    metadata: {},
    secretHash: undefined,
    webOrigins: [],
    registeredBy: 'operator',
  });
});
afterAll(async () => {
  expect(await verifyLedger(test.db)).toEqual([]);
  await test.close();
});

async function addGrant(maxRequests?: number): Promise<string> {
  const id = randomUUID();
  const expiresAt = new Date(Date.now() + 3_600_000);
  await insertGrant(test.db, {
    id,
    accountId,
    clientId: 'client',
    tokens: parseGrantedScope('model:gpt-4o cap:chat'),
    limits: { ...noLimits, maxRequests },
    reason: undefined,
    expiresAt,
  });
  return id;
}

const requestOf = (grantId: string): AdmissionRequest => ({
  requestId: randomUUID(),
  grantId,
  accountId,
  estimate: 100n,
  floor: 1n,
  tokens: 1,
  isStream: false,
  upstream: 'openai',
  model: 'gpt-4o',
  operation: 'o',
});

/** A long time limit: the tests assert that everything is written, not how soon. */
const drainMilliseconds = 30_000;

async function startReplica(url = test.url) {
  let statements = 0;
  const errors: unknown[] = [];
  const db = openDatabase({ url, applicationName: 'replica', maxConnections: 4 });
  const openRequests = new Set<string>();
  const settler = createSettler({
    db,
    onError: (error) => errors.push(error),
    onSettled: ({ requestId }) => openRequests.delete(requestId),
  });
  const lease = await keepLease({
    db,
    leaseSeconds: 2,
    settler,
    openRequests,
    handedOver: new Set(),
    onEvent: () => undefined,
  });
  const statement = new AdmissionStatement({
    db,
    lease,
    settler,
    catalogueVersion: 'test',
    openRequests,
    onFailpoint: () => (statements += 1),
  });
  const stop = async () => {
    expect(await settler.drain(drainMilliseconds)).toBe(0);
    await lease.close();
    await db.destroy();
  };
  const admit = (request: AdmissionRequest) => statement.admit(request);
  return { admit, settler, lease, errors, stop, openRequests, countStatements: () => statements };
}

it('requests that arrive during a batch form the next batches in their order, and a failed batch does not affect them', async () => {
  const sizes: number[] = [];
  const batcher = createBatcher<number, number>(
    async (items) => {
      sizes.push(items.length);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (items.includes(13)) throw new Error('unlucky');
      return items.map((item) => item * 2);
    },
    { maxItems: 10 },
  );
  const first = batcher(13);
  await expect(first).rejects.toThrow('unlucky');
  const numbers = Array.from({ length: 35 }, (_, n) => n + 20);
  expect(await Promise.all(numbers.map(batcher))).toEqual(numbers.map((n) => n * 2));
  expect(sizes).toEqual([1, 10, 10, 10, 5]);
});

it('a batch that fails because of one item is halved until that item is alone', async () => {
  const sizes: number[] = [];
  const batcher = createBatcher<number, number>(
    async (items) => {
      sizes.push(items.length);
      if (items.includes(13)) throw new Error('unlucky');
      return items.map((item) => item * 2);
    },
    { isAboutItem: (error) => error instanceof Error && error.message === 'unlucky' },
  );
  const results = await Promise.allSettled(Array.from({ length: 64 }, (_, n) => batcher(n)));
  expect(results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([13]);
  expect(sizes).toEqual([64, 32, 16, 8, 8, 4, 4, 2, 1, 1, 2, 16, 32]);
});

it('when the database refuses to count one request of a batch, that one is answered with the reason, and the 59 others are admitted', async () => {
  const replica = await startReplica();
  const [poisoned, other] = [await addGrant(), await addGrant()];
  // A time zone that the database does not know, as after an update of its time zones.
  await sql`update grants set time_zone = 'Europe/Atlantis' where id = ${poisoned}`.execute(test.db);
  const grantIds = Array.from({ length: 60 }, (_, n) => (n === 37 ? poisoned : other));
  const ask = () => Promise.allSettled(grantIds.map((grantId) => replica.admit(requestOf(grantId))));
  const results = await ask();
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(59);
  expect(results[37]).toMatchObject({ reason: { denial: { reason: 'grant_unusable' } } });
  expect(replica.countStatements()).toBeLessThanOrEqual(13);
  // the refusal is cached briefly, so that the next requests of this grant do not slow the others
  const before = replica.countStatements();
  await ask();
  expect(replica.countStatements() - before).toBe(1);
  await sql`update grants set time_zone = 'UTC' where id = ${poisoned}`.execute(test.db);
  await waitUntil(
    () =>
      replica.admit(requestOf(poisoned)).then(
        ({ verdict }) => verdict === 'admitted',
        () => false,
      ),
    'the database is asked about this grant again',
  );
  expect(replica.openRequests.size).toBe(119);
  expect(replica.errors).toEqual([]);
  await releaseAll([poisoned, other]);
  await replica.stop();
});

it('while the database can admit no request, a batch fails as a whole, after one attempt', async () => {
  const replica = await startReplica();
  const grantId = await addGrant();
  await sql`alter table reservations rename to reservations_away`.execute(test.db);
  const results = await Promise.allSettled(Array.from({ length: 60 }, () => replica.admit(requestOf(grantId))));
  await sql`alter table reservations_away rename to reservations`.execute(test.db);
  expect(results.every((result) => result.status === 'rejected' && !(result.reason instanceof Denied))).toBe(true);
  expect(replica.countStatements()).toBe(1);
  await replica.stop();
});

/** Settles the open requests of these grants as released. */
async function releaseAll(grantIds: readonly string[]): Promise<void> {
  await sql`
    select settle_requests(array_agg(account_id), array_agg(grant_id), array_agg(request_id),
      array_agg('released'::text), array_agg(0::bigint), null, null, null, null, null, null, null, null)
    from reservations where grant_id = any (${[...grantIds]})`.execute(test.db);
}

it('admits exactly as many requests as the limit allows over two replicas, and settles each of them once', async () => {
  const [one, two] = await Promise.all([startReplica(), startReplica()]);
  const grantId = await addGrant(50);
  const outcomes = await Promise.all(
    Array.from({ length: 400 }, async (_, n) => {
      const { admit, settler } = n % 2 === 0 ? one : two;
      const request = requestOf(grantId);
      const admission = await admit(request);
      if (admission.verdict === 'admitted') settler.settle({ ...request, settlement: 'reported', cost: 7n });
      return admission.verdict;
    }),
  );
  expect(outcomes.filter((verdict) => verdict === 'admitted')).toHaveLength(50);
  await Promise.all([one.stop(), two.stop()]);
  expect((await findGrantStatus(test.db, grantId))?.usage).toMatchObject({ requests: 50, spent: 350n, reserved: 0n });
});

it('a replica whose lease was removed takes a new lease and continues', async () => {
  const replica = await startReplica();
  const grantId = await addGrant();
  const before = replica.lease.replicaId();
  // As another replica does after the lease has ended. The replica itself renews its lease all the time.
  await sql`delete from replicas where id = ${before}`.execute(test.db);
  expect((await replica.admit(requestOf(grantId))).verdict).toBe('admitted');
  expect(replica.lease.replicaId()).not.toBe(before);
  await replica.stop();
});

it('releases the reservation of a request that is admitted after it was answered, and keeps those of open requests', async () => {
  const replica = await startReplica();
  const grantId = await addGrant();
  const kept = requestOf(grantId);
  await replica.admit(kept);
  const countRequests = async (db = test.db) => (await findGrantStatus(db, grantId))?.usage.requests;
  // As on a slow network: the process has answered 503 and released a request that was not yet admitted.
  await test.db.transaction().execute(async (transaction) => {
    const replicaId = replica.lease.replicaId();
    await admitRequests(transaction, { replicaId, catalogueVersion: 'test', requests: [requestOf(grantId)] });
    expect(await countRequests(transaction)).toBe(2);
  });
  await waitUntil(async () => (await countRequests()) === 1, 'it is given back');
  expect((await findGrantStatus(test.db, grantId))?.usage).toMatchObject({ requests: 1, reserved: 100n });
  replica.settler.settle({ ...kept, settlement: 'reported', cost: 7n });
  await replica.stop();
});

it('charges the whole reservation when the database refuses a settlement, and writes the other settlements', async () => {
  const replica = await startReplica();
  const grantId = await addGrant();
  const requests = Array.from({ length: 9 }, () => requestOf(grantId));
  await Promise.all(requests.map(replica.admit));
  requests.forEach((request, index) => {
    replica.settler.settle({
      ...request,
      settlement: 'reported',
      cost: index === 4 ? 2n ** 70n : 7n,
      durationMilliseconds: 1,
    });
  });
  expect(await replica.settler.drain(drainMilliseconds)).toBe(0);
  expect((await findGrantStatus(test.db, grantId))?.usage).toMatchObject({ requests: 9, spent: 156n, reserved: 0n });
  expect(replica.errors.length).toBeGreaterThan(0);
  await replica.stop();
});

it('the first of two settlements of a request counts', async () => {
  const replica = await startReplica();
  const grantId = await addGrant();
  const request = requestOf(grantId);
  await replica.admit(request);
  replica.settler.settle({ ...request, settlement: 'released', cost: 0n });
  replica.settler.settle({ ...request, settlement: 'estimated', cost: undefined });
  await replica.stop();
  expect((await findGrantStatus(test.db, grantId))?.usage).toMatchObject({ requests: 0, spent: 0n, reserved: 0n });
});

it('refuses a request that has waited too long for its turn', async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const batcher = createBatcher<number, number>(
    async (items) => {
      begun.resolve();
      await finish.promise;
      return items;
    },
    { maxWaitMilliseconds: 500, refuse: () => new Error('too slow') },
  );
  const first = batcher(1);
  await begun.promise;
  const second = batcher(2);
  await sleep(600);
  const third = batcher(3);
  finish.resolve();
  await expect(second).rejects.toThrow('too slow');
  expect(await Promise.all([first, third])).toEqual([1, 3]);
});

it('after a replica has died and its lease has ended, another replica charges its requests', async () => {
  const dying = await startReplica();
  const other = await startReplica();
  const grantId = await addGrant();
  await dying.admit(requestOf(grantId));
  // End the lease without settling the request, so that the test need not wait for the lease to run out.
  await dying.lease.close();
  const isCharged = async () => (await findGrantStatus(test.db, grantId))?.usage.reserved === 0n;
  await waitUntil(isCharged, 'the other one has charged it');
  expect((await findGrantStatus(test.db, grantId))?.usage).toMatchObject({ requests: 1, spent: 100n, reserved: 0n });
  await Promise.all([dying.stop(), other.stop()]);
});

it('refuses a request while the database can admit none, and leaves no reservation for it', async () => {
  const replica = await startReplica();
  const grantId = await addGrant(5);
  await sql`alter table reservations rename to reservations_away`.execute(test.db);
  await expect(replica.admit(requestOf(grantId))).rejects.toThrow();
  await sql`alter table reservations_away rename to reservations`.execute(test.db);
  expect((await replica.admit(requestOf(grantId))).verdict).toBe('admitted');
  expect(await replica.settler.drain(drainMilliseconds)).toBe(0);
  expect((await findGrantStatus(test.db, grantId))?.usage.requests).toBe(1);
  await replica.stop();
});
