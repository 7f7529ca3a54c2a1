import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, deleteExpired, openDatabase, verifyLedger } from '../src/index.js';
import {
  type Admission,
  type AdmissionRequest,
  admitRequests,
  findGrantStatusOnce,
  insertReplica,
} from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addGrant } from './fixtures.js';

let test: TestDatabase;
let replicas: readonly { readonly id: string; readonly db: Database }[];
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  // These connections have the rights of a proxy.
  replicas = ['one', 'two'].map((id) => ({
    id,
    db: openDatabase({ url: test.urls.proxy, applicationName: 'test', maxConnections: 10 }),
  }));
  for (const { id } of replicas) await insertReplica(test.db, { replicaId: id, leaseSeconds: 3_600 });
});
afterAll(async () => {
  expect(await verifyLedger(test.db)).toEqual([]);
  await Promise.all(replicas.map(({ db }) => db.destroy()));
  await test.close();
});

const requestOf = (grantId: string, proofHash?: string, changes: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
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
  proofHash,
  ...changes,
});

function admit(requests: readonly AdmissionRequest[], replica = 0): Promise<readonly Admission[]> {
  const { id = '', db = test.db } = replicas[replica] ?? {};
  return admitRequests(db, { replicaId: id, catalogueVersion: 'test', requests });
}

const verdicts = (admissions: readonly Admission[]) => admissions.map(({ verdict }) => verdict);
const use = (grantId: string, proofHash: string, requestId: string = randomUUID(), replica = 0) =>
  findGrantStatusOnce(replicas[replica]?.db ?? test.db, grantId, { proofHash, requestId });

async function readUsedRequests(grantId: string): Promise<number> {
  const row = await test.db.selectFrom('grants').select('used_requests').where('id', '=', grantId).executeTakeFirst();
  return Number(row?.used_requests);
}

it('if requests of one batch have the same proof, one of them is admitted; requests with another proof or none are not affected', async () => {
  const grantId = await addGrant(test.db);
  const batch = [
    requestOf(grantId),
    requestOf(grantId, 'same'),
    requestOf(grantId, 'same'),
    requestOf(grantId, 'other'),
  ];
  const found = verdicts(await admit([...batch, requestOf(grantId)]));
  expect([found[0], found[3], found[4]]).toEqual(['admitted', 'admitted', 'admitted']);
  expect(found.slice(1, 3).toSorted()).toEqual(['admitted', 'proof_used']);
  expect(await readUsedRequests(grantId)).toBe(4);
});

it('if 20 simultaneous requests at two replicas have the same proof, exactly one of them may use it, whether or not it is a request that counts against the grant’s limits', async () => {
  for (let round = 0; round < 10; round += 1) {
    const grantId = await addGrant(test.db);
    const proof = `race ${round}`;
    const attempts = Array.from({ length: 20 }, async (_, index) => {
      if (index % 4 === 3) return (await use(grantId, proof, randomUUID(), index % 2))?.isProofUsed === false;
      return verdicts(await admit([requestOf(grantId, proof)], index % 2))[0] === 'admitted';
    });
    expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1);
    expect(await readUsedRequests(grantId)).toBeLessThanOrEqual(1);
  }
});

it('concurrent batches that use the same proofs in different orders all succeed', async () => {
  const grantIds = [await addGrant(test.db), await addGrant(test.db), await addGrant(test.db)];
  const names = Array.from({ length: 30 }, (_, index) => `order ${index}`);
  const batches = await Promise.all(
    Array.from({ length: 8 }, (_, turn) => {
      const order = turn % 2 === 0 ? names : names.toReversed();
      return admit(
        order.map((name, index) => requestOf(grantIds[index % 3] ?? '', name)),
        turn % 2,
      );
    }),
  );
  expect(verdicts(batches.flat()).filter((verdict) => verdict === 'admitted')).toHaveLength(names.length);
});

it('a request that waits for its budget may ask again with its proof, and no other request can use that proof meanwhile', async () => {
  const grantId = await addGrant(test.db, { limits: { maxCost: 100n } });
  await admit([requestOf(grantId)]);
  const waits = requestOf(grantId, 'waiting');
  expect(verdicts(await admit([waits]))).toEqual(['budget_exhausted']);
  expect(verdicts(await admit([waits], 1))).toEqual(['budget_exhausted']);
  expect(await use(grantId, 'waiting', waits.requestId)).toMatchObject({ state: 'active', isProofUsed: false });
  expect(verdicts(await admit([requestOf(grantId, 'waiting')], 1))).toEqual(['proof_used']);
  await sql`update grants set max_cost = 1000 where id = ${grantId}`.execute(test.db);
  expect(verdicts(await admit([waits]))).toEqual(['admitted']);
});

it('a proof that was used by a request that needs no admission is refused at the other replica, and for a request that needs one', async () => {
  const grantId = await addGrant(test.db);
  expect(await use(grantId, 'shown')).toMatchObject({ state: 'active', isProofUsed: false });
  expect(await use(grantId, 'shown', randomUUID(), 1)).toMatchObject({ isProofUsed: true });
  expect(verdicts(await admit([requestOf(grantId, 'shown')]))).toEqual(['proof_used']);
  expect(await use('no such grant', 'unknown')).toBeUndefined();
  expect(await use(grantId, 'unknown')).toMatchObject({ isProofUsed: true });
});

it('proofs are removed ten minutes after their first use', async () => {
  const grantId = await addGrant(test.db);
  await use(grantId, 'kept');
  await use(grantId, 'over');
  await sql`update used_proofs set expires_at = expires_at - interval '601 seconds' where proof_hash = 'over'`.execute(
    test.db,
  );
  await deleteExpired(test.db, { table: 'used_proofs', worker: 'worker' });
  expect(await use(grantId, 'kept')).toMatchObject({ isProofUsed: true });
  expect(await use(grantId, 'over')).toMatchObject({ isProofUsed: false });
});
