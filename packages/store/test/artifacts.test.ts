import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findArtifactByUid, recordUse, upsertArtifact } from '../src/authorization/index.js';
import { openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => test.close());

it('when several tabs store one new session at the same time, it is stored once', async () => {
  const connections = Array.from({ length: 6 }, () => openDatabase({ url: test.url, applicationName: 'test' }));
  for (let round = 0; round < 400; round += 1) {
    const session = { model: 'Session', idHash: `id ${round}`, uid: `uid ${round}` };
    const artifact = { ...session, payload: { round }, grantId: undefined, expiresInSeconds: 60 };
    await Promise.all(connections.map((db) => upsertArtifact(db, artifact)));
    expect(await findArtifactByUid(test.db, session)).toMatchObject({ payload: { round } });
  }
  const { sessions } = await test.db
    .selectFrom('artifacts')
    .select(({ fn }) => fn.countAll<string>().as('sessions'))
    .where('model', '=', 'Session')
    .executeTakeFirstOrThrow();
  expect(Number(sessions)).toBe(400);
  await Promise.all(connections.map((db) => db.destroy()));
});

it('of many simultaneous uses of one identifier, one is the first; an expired identifier may be used again', async () => {
  const connections = Array.from({ length: 6 }, () => openDatabase({ url: test.url, applicationName: 'test' }));
  for (let round = 0; round < 100; round += 1) {
    const use = { idHash: `use ${round}`, expiresInSeconds: 60 };
    const verdicts = await Promise.all(connections.map((db) => recordUse(db, use)));
    expect(verdicts.filter((isFirst) => isFirst).length).toBe(1);
  }
  const short = { idHash: 'short', expiresInSeconds: 0 };
  expect([await recordUse(test.db, short), await recordUse(test.db, short)]).toEqual([true, true]);
  await Promise.all(connections.map((db) => db.destroy()));
});

it('a use is not recorded if its transaction is rolled back', async () => {
  const use = { idHash: 'rolled back', expiresInSeconds: 60 };
  const failed = test.db.transaction().execute(async (transaction) => {
    expect(await recordUse(transaction, use)).toBe(true);
    expect(await recordUse(transaction, use)).toBe(false);
    throw new Error('the request fails');
  });
  await expect(failed).rejects.toThrow('the request fails');
  expect(await recordUse(test.db, use)).toBe(true);
});
