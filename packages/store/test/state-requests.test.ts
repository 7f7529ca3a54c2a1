import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { takeStateRequest } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => test?.close());

/** The seconds until the bucket is full. `now()` is the same in all statements of the transaction. */
async function readSeconds(db: TestDatabase['db'], grantId: string): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number }>`
    select extract(epoch from full_at - now())::float8 as seconds from state_requests where grant_id = ${grantId}`.execute(
    db,
  );
  return rows[0]?.seconds;
}

it.each([
  [undefined, 600],
  [1, 120],
  [120, 120],
  [6_000, 6_000],
])(
  'with a limit of %p requests per minute, a grant may send %i requests for stored objects at once, and then evenly',
  async (maxRequestsPerMinute, most) => {
    const grantId = await addGrant(test.db, { limits: { maxRequestsPerMinute } });
    await test.db.transaction().execute(async (db) => {
      for (let count = 0; count < 3; count += 1) expect(await takeStateRequest(db, grantId)).toBeUndefined();
      expect(await readSeconds(db, grantId)).toBeCloseTo((3 * 60) / most, 4);
      await sql`update state_requests set full_at = now() + make_interval(secs => ${60 - 60 / most})`.execute(db);
      expect(await takeStateRequest(db, grantId)).toBeUndefined();
      expect(await takeStateRequest(db, grantId)).toBe(1);
      expect(await readSeconds(db, grantId)).toBeCloseTo(60, 4);
    });
  },
);

it('the grants of a tree share one bucket, and an unknown grant has none', async () => {
  const grantId = await addGrant(test.db, { limits: { maxRequestsPerMinute: 120 } });
  await test.db.transaction().execute(async (db) => {
    for (const id of [grantId, `${grantId}.a`, `${grantId}.a.b`])
      expect(await takeStateRequest(db, id)).toBeUndefined();
    expect(await readSeconds(db, grantId)).toBeCloseTo(1.5, 4);
  });
  expect(await takeStateRequest(test.db, 'unknown')).toBeUndefined();
});

it('a time that was written while the clock was ahead does not count', async () => {
  const grantId = await addGrant(test.db);
  await takeStateRequest(test.db, grantId);
  await sql`update state_requests set full_at = now() + interval '1 day' where grant_id = ${grantId}`.execute(test.db);
  expect(await takeStateRequest(test.db, grantId)).toBeUndefined();
  expect(await readSeconds(test.db, grantId)).toBeLessThan(1);
});
