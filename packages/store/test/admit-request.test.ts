import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { revokeGrant } from '../src/authorization/index.js';
import { type Database, openDatabase } from '../src/index.js';
import { type Admission, admitRequest, findGrantStatus, returnRequest } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addGrant } from './fixtures.js';

let test: TestDatabase;
let replicas: readonly Database[];
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  replicas = [1, 2].map(() => openDatabase({ url: test.url, applicationName: 'test', maxConnections: 10 }));
});
afterAll(async () => {
  await Promise.all(replicas.map((db) => db.destroy()));
  await test.close();
});

/** `count` requests at once, in turn over the replicas. */
function admitAtOnce(grantId: string, count: number): Promise<Admission[]> {
  const at = (index: number) => replicas[index % replicas.length] ?? test.db;
  return Promise.all(Array.from({ length: count }, (_, index) => admitRequest(at(index), { grantId })));
}

function countVerdicts(admissions: readonly Admission[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict } of admissions) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

async function moveClock(grantId: string, seconds: number): Promise<void> {
  await sql`update grants set bucket_full_at = bucket_full_at - make_interval(secs => ${seconds}) where id = ${grantId}`.execute(
    test.db,
  );
}

it('admits without limits, and counts', async () => {
  const grantId = await addGrant(test.db);
  expect(await admitRequest(test.db, { grantId })).toEqual({
    verdict: 'admitted',
    usedRequests: 1,
    maxRequests: undefined,
    maxRequestsPerMinute: undefined,
    burstLeft: undefined,
  });
});

it('admits exactly the cap of 400 requests at once over two replicas', async () => {
  const grantId = await addGrant(test.db, { maxRequests: 50 });
  expect(countVerdicts(await admitAtOnce(grantId, 400))).toEqual({ admitted: 50, request_limit_reached: 350 });
  expect((await findGrantStatus(test.db, grantId))?.usedRequests).toBe(50);
});

it('gives a request back, and no more than was used', async () => {
  const grantId = await addGrant(test.db, { maxRequests: 1 });
  await admitRequest(test.db, { grantId });
  await returnRequest(test.db, { grantId });
  await returnRequest(test.db, { grantId });
  expect((await findGrantStatus(test.db, grantId))?.usedRequests).toBe(0);
  expect((await admitRequest(test.db, { grantId })).verdict).toBe('admitted');
});

describe('the rate', () => {
  it('admits a whole minute at once, then paces', async () => {
    const grantId = await addGrant(test.db, { maxRequestsPerMinute: 30 });
    expect(countVerdicts(await admitAtOnce(grantId, 200))).toEqual({ admitted: 30, rate_limited: 170 });
    const refusal = await admitRequest(test.db, { grantId });
    expect(refusal).toEqual({ verdict: 'rate_limited', retryAfterSeconds: 2 });
    await moveClock(grantId, 2);
    expect(countVerdicts(await admitAtOnce(grantId, 5))).toEqual({ admitted: 1, rate_limited: 4 });
  });

  it('admits after exactly the wait that it named', async () => {
    const grantId = await addGrant(test.db, { maxRequestsPerMinute: 1 });
    await admitRequest(test.db, { grantId });
    const refusal = await admitRequest(test.db, { grantId });
    if (refusal.verdict !== 'rate_limited') throw new Error(refusal.verdict);
    expect(refusal.retryAfterSeconds).toBe(60);
    await moveClock(grantId, 58);
    expect((await admitRequest(test.db, { grantId })).verdict).toBe('rate_limited');
    await moveClock(grantId, 2);
    expect((await admitRequest(test.db, { grantId })).verdict).toBe('admitted');
  });

  it('tells how many are left at once', async () => {
    const grantId = await addGrant(test.db, { maxRequestsPerMinute: 10 });
    const left = [];
    for (let i = 0; i < 10; i++) {
      const admission = await admitRequest(test.db, { grantId });
      left.push(admission.verdict === 'admitted' ? admission.burstLeft : admission.verdict);
    }
    expect(left).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });
});

it('refuses what is unknown, expired or revoked, and counts nothing', async () => {
  const expired = await addGrant(test.db, { lifetimeSeconds: -1 });
  const revoked = await addGrant(test.db);
  await revokeGrant(test.db, { grantId: revoked, reason: 'operator', revokedBy: 'operator' });
  expect(await admitRequest(test.db, { grantId: 'nobody' })).toEqual({ verdict: 'unknown' });
  expect(await admitRequest(test.db, { grantId: expired })).toEqual({ verdict: 'expired' });
  expect(await admitRequest(test.db, { grantId: revoked })).toEqual({ verdict: 'revoked' });
  expect((await findGrantStatus(test.db, expired))?.usedRequests).toBe(0);
});

it('admits nothing that waited for the lock of a revocation that then committed', async () => {
  const grantId = await addGrant(test.db);
  let waiting: Promise<Admission[]> | undefined;
  await test.db.transaction().execute(async (transaction) => {
    await revokeGrant(transaction, { grantId, reason: 'owner', revokedBy: 'test' });
    waiting = admitAtOnce(grantId, 10);
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  expect(countVerdicts((await waiting) ?? [])).toEqual({ revoked: 10 });
});
