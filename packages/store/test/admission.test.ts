import { randomUUID } from 'node:crypto';
import { limitTable, noLimits } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  findAccountLimit,
  findGrant,
  revokeGrant,
  setAccountLimit,
  updateGrantLimits,
} from '../src/authorization/index.js';
import { type Database, dropLedgerBefore, openDatabase, prepareLedger, verifyLedger } from '../src/index.js';
import {
  type Admission,
  type AdmissionRequest,
  admitRequests,
  endLease,
  findGrantStatus,
  insertReplica,
  LeaseLostError,
  renewLease,
  type Settlement,
  settleDeadReplicas,
  settleRequests,
} from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
let replicas: readonly { readonly id: string; readonly db: Database }[];
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  replicas = ['one', 'two'].map((id) => ({
    id,
    db: openDatabase({ url: test.url, applicationName: 'test', maxConnections: 10 }),
  }));
  for (const { id } of replicas) await insertReplica(test.db, { replicaId: id, leaseSeconds: 3_600 });
});
beforeEach(waitPastMidnight);
afterAll(async () => {
  expect(await verifyLedger(test.db)).toEqual([]);
  await Promise.all(replicas.map(({ db }) => db.destroy()));
  await test.close();
});

function requestOf(grantId: string, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    requestId: randomUUID(),
    grantId,
    accountId: 'of-nobody',
    estimate: 100n,
    floor: 10n,
    tokens: 100,
    isStream: false,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'openai.chat/completions',
    ...changes,
  };
}

function admit(requests: readonly AdmissionRequest[], replica = 0): Promise<readonly Admission[]> {
  const { id = '', db = test.db } = replicas[replica] ?? {};
  return admitRequests(db, { replicaId: id, catalogueVersion: 'test', requests });
}

/** Admits requests in concurrent batches of `size`, over the replicas in turn. */
async function admitAtOnce(requests: readonly AdmissionRequest[], size: number): Promise<Admission[]> {
  const batches = [];
  for (let start = 0; start < requests.length; start += size)
    batches.push(admit(requests.slice(start, start + size), (start / size) % 2));
  return (await Promise.all(batches)).flat();
}

function countVerdicts(admissions: readonly Admission[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict } of admissions) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

const settlementOf = (request: AdmissionRequest, changes: Partial<Settlement> = {}): Settlement => ({
  requestId: request.requestId,
  grantId: request.grantId,
  accountId: request.accountId,
  settlement: 'reported',
  cost: 40n,
  ...changes,
});
const many = (count: number, grantId: string, changes?: Partial<AdmissionRequest>) =>
  Array.from({ length: count }, () => requestOf(grantId, changes));

it('answers in the order of the requests, even if the order of their grants differs', async () => {
  const [a, b] = [await addGrant(test.db, { limits: { maxRequests: 1 } }), await addGrant(test.db)];
  const requests = [requestOf(b), requestOf('nobody'), requestOf(a), requestOf(b), requestOf(a)];
  expect((await admit(requests)).map(({ verdict }) => verdict)).toEqual([
    'admitted',
    'unknown',
    'admitted',
    'admitted',
    'request_limit_reached',
  ]);
});

it.each([1, 7, 64])(
  'of 400 simultaneous requests at two replicas, admits exactly the 50 that the limit allows, in batches of %d',
  async (size) => {
    const grantId = await addGrant(test.db, { limits: { maxRequests: 50 } });
    expect(countVerdicts(await admitAtOnce(many(400, grantId), size))).toEqual({
      admitted: 50,
      request_limit_reached: 350,
    });
  },
);

describe('money', () => {
  it('reserves less than the estimate if the budget has less left, and never less than the floor', async () => {
    const grantId = await addGrant(test.db, { limits: { maxCost: 250n } });
    const requests = many(4, grantId);
    expect(await admit(requests.slice(0, 1))).toMatchObject([{ reserved: 100n, left: { cost: 150n } }]);
    expect(await admit(requests.slice(1, 2))).toMatchObject([{ reserved: 100n, left: { cost: 50n } }]);
    expect(await admit(requests.slice(2, 3))).toMatchObject([{ reserved: 25n, left: { cost: 25n } }]);
    expect(await admit([requestOf(grantId, { floor: 26n })])).toMatchObject([{ verdict: 'budget_exhausted' }]);
    await settleRequests(
      test.db,
      requests.slice(0, 3).map((request) => settlementOf(request)),
    );
    expect((await findGrant(test.db, grantId))?.usage).toMatchObject({
      requests: 3,
      spent: 120n,
      reserved: 0n,
      day: { cost: 120n },
      month: { cost: 120n },
    });
  });

  describe('sharing a budget', () => {
    const share = { floor: 10n, share: 40n };
    const ask = async (grantId: string, changes: Partial<AdmissionRequest> = {}, count = 1) =>
      (await admit(many(count, grantId, { ...share, ...changes }))).map((admission) =>
        admission.verdict === 'admitted' ? admission.reserved : admission.verdict,
      );
    const grantOf = (maxCost: bigint) => addGrant(test.db, { limits: { maxCost } });

    it('reserves half of what is left, and never less than a share while other requests have reserved the rest', async () => {
      const grantId = await grantOf(300n);
      expect(await ask(grantId, { estimate: 1_000n })).toEqual([150n]);
      expect(await ask(grantId, { estimate: 1_000n })).toEqual([75n]);
      expect(await ask(grantId, { estimate: 1_000n })).toEqual([40n]);
      expect(await admit([requestOf(grantId, { ...share, estimate: 1_000n })])).toEqual([
        { verdict: 'budget_exhausted', mayFitLater: true, retryAfterSeconds: 1 },
      ]);
      expect(await ask(grantId, { estimate: 35n, share: 35n })).toEqual([35n]);
    });

    it('divides a budget evenly among requests that arrive at once, and leaves a part for the next', async () => {
      expect(await ask(await grantOf(600n), { estimate: 1_000n }, 5)).toEqual([100n, 100n, 100n, 100n, 100n]);
      expect(await ask(await grantOf(100n), { estimate: 1_000n }, 3)).toEqual([40n, 40n, 'budget_exhausted']);
    });

    it('reserves the whole budget for a request that is alone, if the budget has less than two shares', async () => {
      expect(await ask(await grantOf(79n), { estimate: 1_000n })).toEqual([79n]);
    });

    it('a request without an output limit gets its whole estimate if it is alone, and a part while others are in progress', async () => {
      const grantId = await grantOf(300n);
      expect(await ask(grantId, { estimate: 180n, isOpen: true })).toEqual([180n]);
      expect(await ask(grantId, { estimate: 110n, isOpen: true })).toEqual([60n]);
      expect(await ask(grantId, { estimate: 60n })).toEqual([60n]);
    });

    it('refuses a request that can wait if it would get more later, and reserves a part when it asks again and cannot wait', async () => {
      const grantId = await grantOf(300n);
      expect(await ask(grantId, { estimate: 200n })).toEqual([200n]);
      expect(await ask(grantId, { estimate: 200n, isPatient: true })).toEqual(['budget_exhausted']);
      expect(await ask(grantId, { estimate: 200n })).toEqual([50n]);
    });
  });

  it('admits a request that costs nothing even if no budget is left', async () => {
    const grantId = await addGrant(test.db, { limits: { maxCost: 100n } });
    await admit([requestOf(grantId)]);
    await sql`update grants set max_cost = 50 where id = ${grantId}`.execute(test.db);
    const requests = [requestOf(grantId, { estimate: 0n, floor: 0n }), requestOf(grantId, { estimate: 1n, floor: 1n })];
    expect((await admit(requests)).map(({ verdict }) => verdict)).toEqual(['admitted', 'budget_exhausted']);
  });

  it('never reserves more than the budget, for concurrent requests at two replicas', async () => {
    const grantId = await addGrant(test.db, { limits: { maxCost: 1_003n } });
    const requests = Array.from({ length: 300 }, (_, n) =>
      requestOf(grantId, { estimate: BigInt(1 + (n % 7) * 30), floor: 1n }),
    );
    const admissions = await admitAtOnce(requests, 10);
    const reserved = admissions.reduce(
      (sum, admission) => sum + (admission.verdict === 'admitted' ? admission.reserved : 0n),
      0n,
    );
    expect(reserved).toBe(1_003n);
  });

  it.each([
    ['maxCostPerDay', 'day_budget_exhausted'],
    ['maxCostPerMonth', 'month_budget_exhausted'],
  ] as const)('enforces %s, which begins again with the next day or month', async (limit, verdict) => {
    const grantId = await addGrant(test.db, { limits: { [limit]: 100n } });
    expect(countVerdicts(await admit(many(2, grantId)))).toEqual({ admitted: 1, [verdict]: 1 });
    await sql`update grants set day = day - 40, month = (month - interval '1 month')::date where id = ${grantId}`.execute(
      test.db,
    );
    await sql`update reservations set day = day - 40, month = (month - interval '1 month')::date where grant_id = ${grantId}`.execute(
      test.db,
    );
    expect(countVerdicts(await admit(many(2, grantId)))).toEqual({ admitted: 1, [verdict]: 1 });
    // This request was reserved in the month before, so its settlement does not change this month's counter.
    const { rows } = await sql<{
      request_id: string;
    }>`select request_id from reservations where grant_id = ${grantId} order by day`.execute(test.db);
    for (const { request_id } of rows.slice(0, 1))
      await settleRequests(test.db, [settlementOf(requestOf(grantId, { requestId: request_id }))]);
    expect((await findGrant(test.db, grantId))?.usage).toMatchObject({ day: { cost: 100n }, month: { cost: 100n } });
  });

  it('enforces a limit of the account over all its grants, including what was already spent', async () => {
    const accountId = await addAccount(test.db);
    const grantIds = [await addGrant(test.db, { accountId }), await addGrant(test.db, { accountId })];
    const [first = ''] = grantIds;
    const spent = many(2, first, { accountId });
    await admit(spent);
    await settleRequests(
      test.db,
      spent.map((request) => settlementOf(request)),
    );
    await setAccountLimit(test.db, { accountId, maxCostPerMonth: 500n, mayRaise: false });
    expect(await findAccountLimit(test.db, accountId)).toEqual({ maxCostPerMonth: 500n, monthCost: 80n, reserved: 0n });
    const requests = grantIds.flatMap((grantId) => many(20, grantId, { accountId, floor: 20n }));
    const admissions = await admitAtOnce(requests, 3);
    // 420 left: four of 100 and one of 20.
    expect(countVerdicts(admissions)).toEqual({ admitted: 5, account_budget_exhausted: 35 });
    await settleRequests(
      test.db,
      requests
        .filter((_, n) => admissions[n]?.verdict === 'admitted')
        .map((request) => settlementOf(request, { cost: 10n })),
    );
    expect((await findAccountLimit(test.db, accountId))?.monthCost).toBe(130n);
  });
});

describe('rates and streams', () => {
  const ageRecent = (grantId: string, seconds: number) =>
    sql`update recent_requests
      set times = (select array_agg(t - make_interval(secs => ${seconds}) order by n) from unnest(times) with ordinality u (t, n))
      where grant_id = ${grantId}`.execute(test.db);

  it('admits no more requests than the limit in any minute, at once or one by one, and names the exact wait', async () => {
    const grantId = await addGrant(test.db, { limits: { maxRequestsPerMinute: 30 } });
    expect(countVerdicts(await admitAtOnce(many(200, grantId), 9))).toEqual({ admitted: 30, rate_limited: 170 });
    await ageRecent(grantId, 50);
    const [refused] = await admit(many(1, grantId));
    expect(refused).toMatchObject({ verdict: 'rate_limited' });
    expect(refused && 'retryAfterSeconds' in refused && refused.retryAfterSeconds).toBeLessThanOrEqual(10);
    await ageRecent(grantId, 10);
    // One request every two seconds, as the limit says.
    for (let n = 0; n < 90; n += 1) {
      expect(await admit(many(1, grantId))).toMatchObject([
        { verdict: 'admitted', left: { rate: n < 29 ? 29 - n : 0 } },
      ]);
      await ageRecent(grantId, 2);
    }
    expect(countVerdicts(await admit(many(2, grantId)))).toEqual({ admitted: 1, rate_limited: 1 });
  });

  it('counts many requests a minute in groups, and admits no more than the limit', async () => {
    const grantId = await addGrant(test.db, { limits: { maxRequestsPerMinute: 600 } });
    expect(countVerdicts(await admitAtOnce(many(700, grantId), 50))).toEqual({ admitted: 600, rate_limited: 100 });
    const { rows } = await sql<{ groups: number }>`
      select cardinality(times) as groups from recent_requests where grant_id = ${grantId}`.execute(test.db);
    expect(rows).toEqual([{ groups: 120 }]);
    await ageRecent(grantId, 60);
    expect(countVerdicts(await admit(many(3, grantId)))).toEqual({ admitted: 3 });
  });

  it('if the limit is a large number of requests a minute, admits a tenth of them at once and the rest evenly', async () => {
    const grantId = await addGrant(test.db, { limits: { maxRequestsPerMinute: 1_200 } });
    // In a transaction the database's time does not advance.
    await test.db.transaction().execute(async (transaction) => {
      const requests = many(130, grantId);
      const admissions = await admitRequests(transaction, { replicaId: 'one', catalogueVersion: 'test', requests });
      expect(countVerdicts(admissions)).toEqual({ admitted: 120, rate_limited: 10 });
      expect(admissions.at(-1)).toEqual({ verdict: 'rate_limited', retryAfterSeconds: 1 });
    });
  });

  it('ignores requests with a time in the future after a clock that was ahead has been set back', async () => {
    const grantId = await addGrant(test.db, { limits: { maxRequestsPerMinute: 1 } });
    await admit(many(1, grantId));
    await ageRecent(grantId, -3_600);
    expect(countVerdicts(await admit(many(2, grantId)))).toEqual({ admitted: 1, rate_limited: 1 });
  });

  it('limits the rate of tokens, releases unused ones, and lets a large request use those of a whole minute', async () => {
    const grantId = await addGrant(test.db, { limits: { maxTokensPerMinute: 1_000 } });
    const requests = many(3, grantId, { tokens: 400 });
    expect(countVerdicts(await admit(requests))).toEqual({ admitted: 2, token_rate_limited: 1 });
    const [used] = requests;
    if (used !== undefined) await settleRequests(test.db, [settlementOf(used, { inputTokens: 10, outputTokens: 90 })]);
    expect(countVerdicts(await admit(many(2, grantId, { tokens: 400 })))).toEqual({
      admitted: 1,
      token_rate_limited: 1,
    });
    expect((await admit([requestOf(grantId, { tokens: 5_000 })]))[0]).toMatchObject({ verdict: 'token_rate_limited' });
    await sql`update grants set tokens_full_at = now() where id = ${grantId}`.execute(test.db);
    expect((await admit([requestOf(grantId, { tokens: 5_000 })]))[0]).toMatchObject({ verdict: 'admitted' });
  });

  it('enforces the largest possible limit of tokens a minute, and reports what is left', async () => {
    const maxTokensPerMinute = limitTable.maxTokensPerMinute.max;
    const grantId = await addGrant(test.db, { limits: { maxTokensPerMinute } });
    const [small, large, tooLarge] = await admit([
      requestOf(grantId, { tokens: 1 }),
      requestOf(grantId, { tokens: 600_000_000 }),
      requestOf(grantId, { tokens: 600_000_000 }),
    ]);
    expect([small?.verdict, large?.verdict, tooLarge?.verdict]).toEqual(['admitted', 'admitted', 'token_rate_limited']);
    expect(large).toMatchObject({ left: { tokens: 400_000_000 } });
    expect(tooLarge).toMatchObject({ retryAfterSeconds: 12 });
  });

  it('limits the number of concurrent streams', async () => {
    const grantId = await addGrant(test.db, { limits: { maxStreams: 3 } });
    const streams = many(40, grantId, { isStream: true });
    const admissions = await admitAtOnce(streams, 4);
    expect(countVerdicts(admissions)).toEqual({ admitted: 3, too_many_streams: 37 });
    expect(countVerdicts(await admit(many(1, grantId)))).toEqual({ admitted: 1 });
    await settleRequests(
      test.db,
      streams
        .filter((_, n) => admissions[n]?.verdict === 'admitted')
        .slice(0, 1)
        .map((request) => settlementOf(request)),
    );
    expect(countVerdicts(await admitAtOnce(many(5, grantId, { isStream: true }), 2))).toEqual({
      admitted: 1,
      too_many_streams: 4,
    });
  });
});

it('a refusal says whether other requests of the grant may release the amount it needs', async () => {
  const grantId = await addGrant(test.db, { limits: { maxCost: 150n } });
  const [first, second] = many(2, grantId);
  if (first === undefined || second === undefined) throw new Error('a request is missing');
  const whole = { ...second, floor: second.estimate };
  expect(await admit([first, whole])).toMatchObject([
    { verdict: 'admitted', reserved: 100n },
    { verdict: 'budget_exhausted', mayFitLater: true, retryAfterSeconds: 1 },
  ]);
  const tooMuch = requestOf(grantId, { estimate: 151n, floor: 151n });
  expect(await admit([tooMuch])).toEqual([{ verdict: 'budget_exhausted', mayFitLater: false }]);
  await settleRequests(test.db, [settlementOf(first, { cost: 100n })]);
  expect(await admit([whole])).toEqual([{ verdict: 'budget_exhausted', mayFitLater: false }]);
});

it('a refusal for the account’s budget says whether other grants of the account may release the amount it needs', async () => {
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 150n, mayRaise: true });
  const [first, second] = await Promise.all(
    [1, 2].map(async () => requestOf(await addGrant(test.db, { accountId }), { accountId, floor: 100n })),
  );
  if (first === undefined || second === undefined) throw new Error('a request is missing');
  const batch = await admit([first, second]);
  expect(batch.map(({ verdict }) => verdict).sort()).toEqual(['account_budget_exhausted', 'admitted']);
  const held = { verdict: 'account_budget_exhausted', mayFitLater: true, retryAfterSeconds: 5 };
  expect(batch).toContainEqual(held);
  const [admitted, refused] = batch[0]?.verdict === 'admitted' ? [first, second] : [second, first];
  expect(await admit([refused])).toEqual([held]);
  const tooMuch = { ...refused, estimate: 151n, floor: 151n };
  expect(await admit([tooMuch])).toEqual([{ verdict: 'account_budget_exhausted', mayFitLater: false }]);
  await settleRequests(test.db, [settlementOf(admitted, { cost: 100n })]);
  expect(await admit([refused])).toEqual([{ verdict: 'account_budget_exhausted', mayFitLater: false }]);
});

it('refuses an expired or revoked grant, even if the request waited for the revocation to commit', async () => {
  const expired = await addGrant(test.db, { lifetimeSeconds: -1 });
  const grantId = await addGrant(test.db);
  let waiting: Promise<Admission[]> | undefined;
  await test.db.transaction().execute(async (transaction) => {
    await revokeGrant(transaction, { grantId, reason: 'owner', revokedBy: 'test' });
    waiting = admitAtOnce([...many(10, grantId), requestOf(expired)], 3);
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  expect(countVerdicts((await waiting) ?? [])).toEqual({ revoked: 10, expired: 1 });
});

describe('settling', () => {
  it('takes effect once, even if it is sent repeatedly by several replicas', async () => {
    const grantId = await addGrant(test.db, { limits: { maxRequests: 10, maxCost: 1_000n } });
    const requests = many(8, grantId);
    await admit(requests);
    const settlements = requests.map((request, n) =>
      settlementOf(request, n % 2 === 0 ? {} : { settlement: 'released' }),
    );
    const settled = await Promise.all(
      Array.from({ length: 10 }, (_, n) => settleRequests(replicas[n % 2]?.db ?? test.db, settlements)),
    );
    expect(settled.reduce((sum, { settled: count }) => sum + count, 0)).toBe(8);
    expect((await findGrantStatus(test.db, grantId))?.usage).toMatchObject({ requests: 4, spent: 160n, reserved: 0n });
    const { rows } = await sql<{
      settlement: string;
      counted: boolean;
      cost: bigint;
    }>`select settlement, counted, cost from ledger where grant_id = ${grantId} order by settlement`.execute(test.db);
    expect(rows).toHaveLength(8);
    expect(rows[0]).toEqual({ settlement: 'released', counted: false, cost: 0n });
  });

  it('changes nothing for a request that was never admitted', async () => {
    expect((await settleRequests(test.db, [settlementOf(requestOf(await addGrant(test.db)))])).settled).toBe(0);
  });

  it('charges the whole reservation if no cost is given', async () => {
    const grantId = await addGrant(test.db);
    const request = requestOf(grantId);
    await admit([request]);
    await settleRequests(test.db, [settlementOf(request, { settlement: 'estimated', cost: undefined })]);
    expect((await findGrant(test.db, grantId))?.usage.spent).toBe(100n);
  });
});

describe('a replica', () => {
  it('whose lease has ended admits nothing, and any process charges its reservations once', async () => {
    const grantId = await addGrant(test.db, { limits: { maxStreams: 1 } });
    const request = requestOf(grantId, { isStream: true });
    await insertReplica(test.db, { replicaId: 'mortal', leaseSeconds: 60 });
    const batch = (requests: readonly AdmissionRequest[]) =>
      admitRequests(test.db, { replicaId: 'mortal', catalogueVersion: 'test', requests });
    await batch([request]);
    expect(await renewLease(test.db, { replicaId: 'mortal', leaseSeconds: 60 })).toEqual(expect.any(Date));
    expect(await settleDeadReplicas(test.db)).toBe(0);
    await endLease(test.db, 'mortal');
    await expect(batch([requestOf(grantId)])).rejects.toThrow(LeaseLostError);
    const swept = await Promise.all(replicas.flatMap(({ db }) => [settleDeadReplicas(db), settleDeadReplicas(db)]));
    expect(swept.reduce((a, b) => a + b)).toBe(1);
    expect(await renewLease(test.db, { replicaId: 'mortal', leaseSeconds: 60 })).toBeUndefined();
    expect((await findGrant(test.db, grantId))?.usage).toMatchObject({ spent: 100n, reserved: 0n, openStreams: 0 });
  });
  it('that left many reservations has them charged in steps, each within the time limit of a statement', async () => {
    const grantIds = await Promise.all(Array.from({ length: 50 }, () => addGrant(test.db)));
    await sql`
      insert into reservations select gen_random_uuid(), 'long dead', (${grantIds}::text[])[1 + n % 50], 'of-nobody', now(), 10,
        10, 0, false, now(), date_trunc('month', now()), 'c', 'openai', 'gpt-4o', 'o', 'test' from generate_series(0, 11999) as n`.execute(
      test.db,
    );
    await sql`
      update grants set used_requests = 240, held = 2400, day = now(), month = date_trunc('month', now()), day_cost = 2400,
        month_cost = 2400 where id = any (${grantIds})`.execute(test.db);
    // With the settings of a proxy.
    const hurried = openDatabase({
      url: test.url,
      applicationName: 'test',
      avoidsTableScans: true,
      statementTimeoutMilliseconds: 1_500,
    });
    expect(await settleDeadReplicas(hurried)).toBe(12_000);
    expect(await settleDeadReplicas(hurried)).toBe(0);
    await hurried.destroy();
    expect(await verifyLedger(test.db)).toEqual([]);
  });

  it('that was admitting a request during the sweep leaves no reservation: the next sweep charges the request', async () => {
    const grantId = await addGrant(test.db);
    await insertReplica(test.db, { replicaId: 'slow', leaseSeconds: 60 });
    await test.db.transaction().execute(async (transaction) => {
      await admitRequests(transaction, {
        replicaId: 'slow',
        catalogueVersion: 'test',
        requests: [requestOf(grantId)],
      });
      await endLease(test.db, 'slow');
      expect(await settleDeadReplicas(test.db)).toBe(0);
    });
    expect((await findGrant(test.db, grantId))?.usage).toMatchObject({ spent: 0n, reserved: 100n });
    expect(await settleDeadReplicas(test.db)).toBe(1);
    expect((await findGrant(test.db, grantId))?.usage).toMatchObject({ spent: 100n, reserved: 0n });
  });
});

it('lets an owner change limits of a grant in use, effective with the next request', async () => {
  const accountId = await addAccount(test.db);
  const grantId = await addGrant(test.db, { accountId, limits: { maxRequests: 5 } });
  const expiresAt = new Date(Date.now() + 60_000);
  const update = { grantId, accountId, expiresAt, mayRaise: false };
  await admit(many(3, grantId));
  expect(await updateGrantLimits(test.db, { ...update, limits: { ...noLimits, maxRequests: 2 } })).toBe(true);
  expect(await admit([requestOf(grantId)])).toEqual([{ verdict: 'request_limit_reached' }]);
  const raised = { ...update, limits: { ...noLimits, maxRequests: 4 } };
  expect(await updateGrantLimits(test.db, raised)).toBe(false);
  expect(await updateGrantLimits(test.db, { ...raised, mayRaise: true })).toBe(true);
  expect(countVerdicts(await admit(many(2, grantId)))).toEqual({ admitted: 1, request_limit_reached: 1 });
  expect(await updateGrantLimits(test.db, { ...raised, accountId: 'stranger' })).toBe(false);
});

describe('the ledger', () => {
  it('reports the grant and the counter that do not agree with it', async () => {
    const grantId = await addGrant(test.db);
    const request = requestOf(grantId);
    await admit([request]);
    await settleRequests(test.db, [settlementOf(request)]);
    await sql`update grants set spent = spent + 1 where id = ${grantId}`.execute(test.db);
    expect(await verifyLedger(test.db)).toEqual([{ grantId, counter: 'spent', counted: 41n, expected: 40n }]);
    await sql`update grants set spent = spent - 1 where id = ${grantId}`.execute(test.db);
    expect(await verifyLedger(test.db)).toEqual([]);
  });

  it('never drops a month with which counters are still compared', async () => {
    const grantId = await addGrant(test.db);
    const request = requestOf(grantId);
    await admit([request]);
    await settleRequests(test.db, [settlementOf(request)]);
    expect(await dropLedgerBefore(test.db, { before: new Date(Date.now() + 400 * 86_400_000) })).toEqual([]);
    expect(await verifyLedger(test.db)).toEqual([]);
  });

  it('keeps the sums of dropped months', async () => {
    expect(await prepareLedger(test.db)).toBe('ready');
    const grantId = await addGrant(test.db);
    const request = requestOf(grantId);
    await sql`select create_ledger_partition('2020-01-01')`.execute(test.db);
    await admit([request]);
    await sql`update reservations set admitted_at = '2020-01-15', day = '2020-01-15', month = '2020-01-01' where request_id = ${request.requestId}`.execute(
      test.db,
    );
    await sql`update grants set day = '2020-01-15', month = '2020-01-01' where id = ${grantId}`.execute(test.db);
    await settleRequests(test.db, [settlementOf(request)]);
    expect(await dropLedgerBefore(test.db, { before: new Date('2020-01-31T23:59:59Z') })).toEqual([]);
    expect(await dropLedgerBefore(test.db, { before: new Date('2020-02-01T00:00:00Z') })).toEqual(['ledger_2020_01']);
    expect(await verifyLedger(test.db)).toEqual([]);
  });
});
