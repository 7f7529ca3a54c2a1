import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findArtifactByUid, upsertArtifact } from '../src/authorization/index.js';
import { openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => test.close());

it('one session that several tabs begin at once is written by each of them', async () => {
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
