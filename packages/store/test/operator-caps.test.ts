import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  deleteProviderKey,
  lockOperatorCaps,
  type OperatorCaps,
  readOperatorSpending,
  setAccountOperatorCap,
  setOperatorCaps,
  upsertProviderKey,
} from '../src/authorization/index.js';
import { type Database, openDatabase, verifyLedger, verifyOperatorSpending } from '../src/index.js';
import {
  type Admission,
  type AdmissionRequest,
  admitRequests,
  endLease,
  insertReplica,
  type OperatorKeys,
  settleDeadReplicas,
  settleRequests,
} from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitForLocks, waitPastMidnight } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
let replicas: readonly Database[];
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  replicas = [1, 2].map(() => openDatabase({ url: test.url, applicationName: 'test', maxConnections: 10 }));
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
beforeEach(waitPastMidnight);
// Each test begins with nothing spent: the requests of earlier tests do not count for the month.
beforeEach(async () => {
  await sql`delete from operator_spending`.execute(test.db);
  await sql`delete from operator_caps`.execute(test.db);
  await sql`update ledger set operator_month = null`.execute(test.db);
  await sql`update reservations set operator_month = null`.execute(test.db);
});
afterAll(async () => {
  expect(await verifyLedger(test.db)).toEqual([]);
  await Promise.all(replicas.map((db) => db.destroy()));
  await test.close();
});

interface Owner {
  readonly accountId: string;
  readonly grantId: string;
}

async function addOwner(): Promise<Owner> {
  const accountId = await addAccount(test.db);
  return { accountId, grantId: await addGrant(test.db, { accountId }) };
}

function requestOf(owner: Owner, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const kind = { upstream: 'openai', model: 'gpt-4o', operation: 'openai.chat/completions' };
  const asked = { estimate: 100n, floor: 100n, tokens: 100, isStream: false };
  return { requestId: randomUUID(), ...owner, ...asked, ...kind, ...changes };
}

const many = (count: number, owner: Owner, changes?: Partial<AdmissionRequest>) =>
  Array.from({ length: count }, () => requestOf(owner, changes));

const caps = (ofAll?: bigint, ofAccount?: bigint): OperatorKeys => ({
  upstreams: ['openai', 'google'],
  maxCostPerMonth: ofAll,
  maxCostPerMonthOfAccount: ofAccount,
});

function admit(
  requests: readonly AdmissionRequest[],
  operatorKeys: OperatorKeys | undefined,
  db = test.db,
): Promise<readonly Admission[]> {
  return admitRequests(db, { replicaId: 'one', catalogueVersion: 'test', requests, operatorKeys });
}

const verdictsOf = (admissions: readonly Admission[]) => admissions.map(({ verdict }) => verdict);
const countAdmitted = (admissions: readonly Admission[]) =>
  admissions.filter(({ verdict }) => verdict === 'admitted').length;

const settle = (requests: readonly AdmissionRequest[], cost: bigint) =>
  settleRequests(
    test.db,
    requests.map((request) => ({ ...request, settlement: 'reported', cost }) as const),
  );

async function readSpending(accountId = ''): Promise<{ cost: bigint; held: bigint } | undefined> {
  const { rows } = await sql<{ cost: bigint; held: bigint }>`
    select cost, held from operator_spending where account_id = ${accountId}`.execute(test.db);
  return rows[0];
}

/** Changes a cap as the operator's pages do. */
const change = <T>(act: (transaction: Database) => Promise<T>) =>
  test.db.transaction().execute(async (transaction) => {
    await lockOperatorCaps(transaction);
    return act(transaction);
  });
const setCaps = (wanted: OperatorCaps) => change((transaction) => setOperatorCaps(transaction, wanted, 'operator'));
const setCapOf = (accountId: string, cap: bigint | undefined) =>
  change((transaction) => setAccountOperatorCap(transaction, { accountId, cap, by: 'operator' }));

const addKey = ({ accountId }: Owner, db = test.db) =>
  upsertProviderKey(db, {
    accountId,
    upstream: 'openai',
    host: 'api.openai.com',
    version: 1,
    sealingKeyId: 'k',
    jwe: 'sealed',
    lastFour: '1234',
  });

it('concurrent requests of many accounts at two replicas are admitted up to the cap of all accounts, and no further', async () => {
  const owners = await Promise.all(Array.from({ length: 8 }, addOwner));
  const requests = Array.from({ length: 400 }, (_, n) => requestOf(owners[n % 8] as Owner));
  const batches = Array.from({ length: 40 }, (_, n) => requests.slice(n * 10, n * 10 + 10));
  const admissions = await Promise.all(batches.map((batch, n) => admit(batch, caps(5_050n), replicas[n % 2])));
  expect(countAdmitted(admissions.flat())).toBe(50);
  expect(await readSpending()).toEqual({ cost: 5_000n, held: 5_000n });
  expect(await verifyOperatorSpending(test.db)).toEqual([]);
  await Promise.all([settle(requests.slice(0, 200), 30n), settle(requests.slice(200).reverse(), 30n)]);
  expect(await readSpending()).toEqual({ cost: 1_500n, held: 0n });
  expect(await verifyOperatorSpending(test.db)).toEqual([]);
});

it('an account cannot exceed its own cap, and another account has its whole cap', async () => {
  const [one, other] = [await addOwner(), await addOwner()];
  const mixed = [...many(6, one), ...many(6, other)];
  const admissions = await Promise.all([
    admit(mixed, caps(undefined, 400n), replicas[0]),
    admit(many(6, one), caps(undefined, 400n), replicas[1]),
  ]);
  expect(countAdmitted(admissions.flat())).toBe(8);
  expect(await readSpending(one.accountId)).toEqual({ cost: 400n, held: 400n });
  expect(await readSpending(other.accountId)).toEqual({ cost: 400n, held: 400n });
});

it('the rest of a cap is shared like any budget, and a refusal says whether other requests may release the amount that is missing', async () => {
  const [one, other] = [await addOwner(), await addOwner()];
  const first = requestOf(one);
  expect(await admit([first, requestOf(one, { floor: 10n })], caps(150n))).toMatchObject([
    { verdict: 'admitted', reserved: 100n, usesOperatorKey: true, left: { cost: undefined } },
    { verdict: 'admitted', reserved: 25n },
  ]);
  expect(await admit([requestOf(other)], caps(150n))).toMatchObject([
    { verdict: 'operator_budget_exhausted', mayFitLater: true },
  ]);
  expect(await admit([requestOf(other, { estimate: 151n, floor: 151n })], caps(150n))).toEqual([
    { verdict: 'operator_budget_exhausted', mayFitLater: false },
  ]);
  await settle([first], 100n);
  expect(await admit([requestOf(other)], caps(150n))).toEqual([
    { verdict: 'operator_budget_exhausted', mayFitLater: false },
  ]);
});

it('a request with the account’s own provider key, or to an upstream without an operator’s key, does not count towards any cap', async () => {
  const owner = await addOwner();
  await addKey(owner);
  const requests = [requestOf(owner), requestOf(owner, { upstream: 'anthropic' })];
  expect(await admit(requests, caps(10n, 10n))).toMatchObject([
    { verdict: 'admitted', usesOperatorKey: false },
    { verdict: 'admitted', usesOperatorKey: false },
  ]);
  expect(verdictsOf(await admit([requestOf(owner, { upstream: 'google' })], caps(10n, 10n)))).toEqual([
    'operator_budget_exhausted',
  ]);
  expect(await readSpending()).toEqual({ cost: 0n, held: 0n });
});

it('if a provider key is added or deleted while a request waits for its grant, the state after the wait decides', async () => {
  const [deleting, adding] = [await addOwner(), await addOwner()];
  await addKey(deleting);
  let waiting: Promise<readonly Admission[]> | undefined;
  await test.db.transaction().execute(async (transaction) => {
    await sql`select from grants where id in (${deleting.grantId}, ${adding.grantId}) for update`.execute(transaction);
    waiting = admit([requestOf(deleting), requestOf(adding)], caps(10n, 10n), replicas[0]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await deleteProviderKey(transaction, { accountId: deleting.accountId, upstream: 'openai' });
    await addKey(adding, transaction);
  });
  expect(verdictsOf((await waiting) ?? [])).toEqual(['operator_budget_exhausted', 'admitted']);
});

it('without a cap the spending is counted too, and the admission says whose provider key the request uses', async () => {
  const [one, other] = [await addOwner(), await addOwner()];
  await addKey(other);
  expect(await admit([requestOf(one), requestOf(other)], caps())).toMatchObject([
    { usesOperatorKey: true },
    { usesOperatorKey: false },
  ]);
  expect(await admit([requestOf(one)], undefined)).toMatchObject([{ usesOperatorKey: false }]);
  expect(await readSpending()).toEqual({ cost: 100n, held: 100n });
  expect(await readSpending(one.accountId)).toEqual({ cost: 100n, held: 100n });
  expect(await readSpending(other.accountId)).toBeUndefined();
});

it('a cap that the operator sets while requests are served applies at every replica from the next request on, and counts the month so far', async () => {
  const [one, other] = [await addOwner(), await addOwner()];
  expect(verdictsOf(await admit(many(3, one), caps()))).toEqual(['admitted', 'admitted', 'admitted']);
  await setCaps({ ofAll: 500n, ofAccount: undefined });
  const admissions = await Promise.all(replicas.map((db) => admit(many(4, other), caps(), db)));
  expect(countAdmitted(admissions.flat())).toBe(2);
  await setCaps({ ofAll: 1_000_000n, ofAccount: 300n });
  expect(verdictsOf(await admit([requestOf(one), requestOf(other), requestOf(other)], caps()))).toEqual([
    'operator_budget_exhausted',
    'admitted',
    'operator_budget_exhausted',
  ]);
  expect(await readOperatorSpending(test.db)).toEqual({ cost: 600n, reserved: 600n });
  expect(await verifyOperatorSpending(test.db)).toEqual([]);
});

it('if a cap is lowered while a request waits, the lower cap applies to the request, at every replica', async () => {
  const owners = [await addOwner(), await addOwner()] as const;
  await admit([requestOf(owners[0])], caps(1_000n));
  for (const lower of [
    () => setCaps({ ofAll: 250n, ofAccount: undefined }),
    () => setCaps({ ofAll: undefined, ofAccount: 0n }),
    () => Promise.all(owners.map(({ accountId }) => setCapOf(accountId, 0n))),
  ]) {
    const before = await readSpending();
    let waiting: Promise<readonly Admission[]>[] = [];
    await test.db.transaction().execute(async (transaction) => {
      await sql`select from operator_spending where account_id = '' for update`.execute(transaction);
      waiting = owners.map((owner, n) => admit(many(2, owner), caps(1_000n), replicas[n]));
      await waitForLocks(test.db, 2);
      await lower();
    });
    const admissions = (await Promise.all(waiting)).flat();
    const spent = ((await readSpending())?.cost ?? 0n) - (before?.cost ?? 0n);
    expect(spent).toBe(BigInt(countAdmitted(admissions)) * 100n);
    expect((await readSpending())?.cost).toBeLessThanOrEqual(250n);
    await sql`delete from operator_caps`.execute(test.db);
  }
  expect((await readSpending())?.cost).toBe(200n);
});

it('a change of a cap is answered only after all admissions under the earlier cap have committed', async () => {
  const [one, other] = [await addOwner(), await addOwner()];
  let changing: Promise<void> | undefined;
  let isChanged = false;
  await test.db.transaction().execute(async (transaction) => {
    expect(verdictsOf(await admit([requestOf(one)], caps(), transaction))).toEqual(['admitted']);
    changing = setCaps({ ofAll: 100n, ofAccount: undefined }).then(() => {
      isChanged = true;
    });
    await waitForLocks(test.db, 1);
    expect(isChanged).toBe(false);
  });
  await changing;
  const admissions = await Promise.all(replicas.map((db) => admit([requestOf(other)], caps(), db)));
  expect(countAdmitted(admissions.flat())).toBe(0);
});

it('a cap of one account replaces the cap for every account; zero refuses the operator’s keys; the environment’s cap bounds both', async () => {
  const [favoured, refused, other] = [await addOwner(), await addOwner(), await addOwner()];
  await setCaps({ ofAll: undefined, ofAccount: 100n });
  await setCapOf(favoured.accountId, 500n);
  await setCapOf(refused.accountId, 0n);
  const requests = [favoured, refused, other].flatMap((owner) => many(6, owner));
  const admissions = await admit(requests, caps(undefined, 300n));
  expect([0, 6, 12].map((from) => countAdmitted(admissions.slice(from, from + 6)))).toEqual([3, 0, 1]);
  await setCapOf(refused.accountId, undefined);
  expect(countAdmitted(await admit(many(6, refused), caps(undefined, 300n)))).toBe(1);
});

it('a new month begins with nothing spent, and settlements of the previous month do not change it', async () => {
  const owner = await addOwner();
  const before = many(2, owner);
  await admit(before, caps(200n, 200n));
  await sql`update operator_spending set month = (month - interval '1 month')::date`.execute(test.db);
  await sql`update reservations set operator_month = (operator_month - interval '1 month')::date`.execute(test.db);
  expect(verdictsOf(await admit(many(3, owner), caps(200n, 200n)))).toEqual([
    'admitted',
    'admitted',
    'operator_budget_exhausted',
  ]);
  await settle(before, 1n);
  expect(await readSpending()).toEqual({ cost: 200n, held: 200n });
  expect(await readSpending(owner.accountId)).toEqual({ cost: 200n, held: 200n });
});

it('the month of a cap is that of UTC, whatever the owner’s time zone', async () => {
  const owner = await addOwner();
  await sql`update grants set time_zone = 'Pacific/Kiritimati' where id = ${owner.grantId}`.execute(test.db);
  await admit([requestOf(owner)], caps(200n));
  const { rows } = await sql`
    select month = date_trunc('month', now() at time zone 'UTC')::date as is_utc from operator_spending`.execute(
    test.db,
  );
  expect(rows).toEqual([{ is_utc: true }, { is_utc: true }]);
});

it('reservations of a dead replica count as spent towards the caps, and are corrected if it was not dead', async () => {
  const owner = await addOwner();
  const replicaId = randomUUID();
  await insertReplica(test.db, { replicaId, leaseSeconds: 60 });
  const requests = many(2, owner);
  await admitRequests(test.db, { replicaId, catalogueVersion: 'test', requests, operatorKeys: caps(200n) });
  await endLease(test.db, replicaId);
  expect(await settleDeadReplicas(test.db)).toBe(2);
  expect(await readSpending()).toEqual({ cost: 200n, held: 0n });
  expect(verdictsOf(await admit([requestOf(owner)], caps(200n)))).toEqual(['operator_budget_exhausted']);
  expect(await settle(requests, 10n)).toMatchObject({ settled: 2 });
  expect(await readSpending()).toEqual({ cost: 20n, held: 0n });
  expect(await readSpending(owner.accountId)).toEqual({ cost: 20n, held: 0n });
  expect(await verifyOperatorSpending(test.db)).toEqual([]);
});

it('verifyOperatorSpending reports a counter that does not agree with the ledger', async () => {
  const owner = await addOwner();
  await admit([requestOf(owner)], caps(200n));
  await sql`update operator_spending set cost = cost + 1 where account_id = ''`.execute(test.db);
  expect(await verifyOperatorSpending(test.db)).toEqual([
    { accountId: undefined, counter: 'cost', counted: 101n, expected: 100n },
  ]);
});

it('verifyOperatorSpending reports a counter that is missing, and a counter of an account without requests', async () => {
  const owner = await addOwner();
  await admit([requestOf(owner)], caps(200n));
  await sql`delete from operator_spending where account_id = ${owner.accountId}`.execute(test.db);
  await sql`insert into operator_spending (account_id, month, cost)
    select 'nobody', month, 7 from operator_spending`.execute(test.db);
  const residues = await verifyOperatorSpending(test.db);
  expect(residues).toHaveLength(3);
  expect(residues).toEqual(
    expect.arrayContaining([
      { accountId: owner.accountId, counter: 'cost', counted: 0n, expected: 100n },
      { accountId: owner.accountId, counter: 'held', counted: 0n, expected: 100n },
      { accountId: 'nobody', counter: 'cost', counted: 7n, expected: 0n },
    ]),
  );
});

it('a request that a proxy of the previous release admits on this database can be settled', async () => {
  const owner = await addOwner();
  const requestId = randomUUID();
  const { rows } = await sql<{ verdict: string; reserved: bigint }>`
    select item, verdict, others_hold, reserved, retry_after, requests_left, cost_left, rate_left, tokens_left,
      k.id as key_id
    from admit_requests('one', 'v', array[${owner.grantId}], array[1], array[${owner.accountId}],
      array[${requestId}]::uuid[], array[100::bigint], array[10::bigint], array[5], array[true], array['openai'],
      array['gpt-4o'], array['o']) a
    left join provider_keys k on k.account_id = a.account_id and k.upstream = a.upstream`.execute(test.db);
  expect(rows).toMatchObject([{ verdict: 'admitted', reserved: 100n }]);
  expect(await settle([requestOf(owner, { requestId })], 7n)).toMatchObject({ settled: 1 });
});
