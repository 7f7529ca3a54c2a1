import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  consumeArtifact,
  countAttempt,
  findArtifact,
  listActiveGrants,
  revokeGrant,
  uncountAttempt,
  upsertArtifact,
} from '../src/authorization/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

it('lists the live grants of one owner for one client, the newest first', async () => {
  const [accountId, clientId] = [await addAccount(test.db), await addClient(test.db)];
  const older = await addGrant(test.db, { accountId, clientId });
  const newer = await addGrant(test.db, { accountId, clientId });
  const revoked = await addGrant(test.db, { accountId, clientId });
  await revokeGrant(test.db, { grantId: revoked, reason: 'owner', revokedBy: accountId });
  await addGrant(test.db, { accountId, clientId, lifetimeSeconds: -1 });
  await addGrant(test.db, { accountId });
  await addGrant(test.db, { clientId });
  const listed = await listActiveGrants(test.db, { accountId, clientId });
  expect(listed.map(({ id }) => id)).toEqual([newer, older]);
});

it('reports how many seconds ago an artifact was consumed', async () => {
  const key = { model: 'RefreshToken', idHash: 'a' };
  await upsertArtifact(test.db, { ...key, payload: {}, grantId: undefined, uid: undefined, expiresInSeconds: 60 });
  expect((await findArtifact(test.db, key))?.consumedForSeconds).toBeUndefined();
  await consumeArtifact(test.db, key);
  const seconds = (await findArtifact(test.db, key))?.consumedForSeconds ?? Number.NaN;
  expect(seconds).toBeGreaterThanOrEqual(0);
  expect(seconds).toBeLessThan(60);
});

it('an attempt that was not a guess can be removed from the count', async () => {
  const attempt = { key: 'somebody', limit: 2, windowSeconds: 60 };
  for (let round = 0; round < 5; round += 1) {
    expect((await countAttempt(test.db, attempt)).allowed).toBe(true);
    await uncountAttempt(test.db, attempt.key);
  }
  await uncountAttempt(test.db, attempt.key);
  expect((await countAttempt(test.db, attempt)).allowed).toBe(true);
});
