import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, hashSecret } from '../src/index.js';
import { claimIdempotencyKeys, type IdempotencyKey, releaseIdempotencyKeys } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitForLocks } from '../src/testing.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => database.close());

const ask = (grantId: string, key: string): IdempotencyKey => ({ grantId, key, requestId: randomUUID() });
const claim = (...keys: readonly IdempotencyKey[]) => claimIdempotencyKeys(database.db, keys);

it('of several requests with one idempotency key in a batch, the first gets it', async () => {
  const keys = [ask('b', 'x'), ask('a', 'x'), ask('b', 'x'), ask('b', 'y'), ask('a', 'x')];
  expect(await claim(...keys)).toEqual([true, true, false, true, false]);
  expect(await claim(ask('b', 'x'), ask('b', 'z'))).toEqual([false, true]);
});

it('exactly one request gets an idempotency key, even if many batches claim the same keys at once in different orders', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `race ${index}`);
  const batches = await Promise.all(
    Array.from({ length: 10 }, (_, turn) => {
      const order = turn % 2 === 0 ? names : names.toReversed();
      return claim(...order.map((name) => ask('grant', name)));
    }),
  );
  expect(batches.flat().filter(Boolean)).toHaveLength(names.length);
});

it('only the request that has an idempotency key can release it', async () => {
  const [one, other] = [ask('grant', 'back'), ask('grant', 'back')];
  expect(await claim(one)).toEqual([true]);
  expect(await releaseIdempotencyKeys(database.db, [other])).toEqual([false]);
  expect(await claim(other)).toEqual([false]);
  expect(await releaseIdempotencyKeys(database.db, [other, one])).toEqual([false, true]);
  expect(await claim(other)).toEqual([true]);
});

it('a release locks its idempotency keys in the same order as a claim does, so that the two cannot deadlock', async () => {
  const keys = ['1', '2'].map((name) => ask('order', name));
  const [first, last] = keys.toSorted((one, other) => (hashSecret(one.key) < hashSecret(other.key) ? -1 : 1));
  if (first === undefined || last === undefined) throw new Error('there are two keys');
  // PostgreSQL reads a small table from its beginning, so without an order the release would lock this row first.
  await claim(last);
  await claim(first);
  const lock = (transaction: Database, { key }: IdempotencyKey) =>
    sql`select from idempotency_keys where key_hash = ${hashSecret(key)} for update nowait`.execute(transaction);
  let released: Promise<readonly boolean[]> | undefined;
  await database.db.transaction().execute(async (transaction) => {
    await lock(transaction, first);
    released = releaseIdempotencyKeys(database.db, [last, first]);
    await waitForLocks(database.db, 1);
    await lock(transaction, last);
  });
  expect(await released).toEqual([true, true]);
});

it('an idempotency key is stored as a hash, and can be claimed again after it has expired', async () => {
  expect(await claim(ask('grant', 'my secret order'))).toEqual([true]);
  const { rows } = await sql<{ row: string }>`select k::text as row from idempotency_keys k`.execute(database.db);
  expect(JSON.stringify(rows)).not.toContain('order');
  await sql`update idempotency_keys set expires_at = now() - interval '1 second'`.execute(database.db);
  expect(await claim(ask('grant', 'my secret order'))).toEqual([true]);
  expect(await claim(ask('grant', 'my secret order'))).toEqual([false]);
});
