import { randomUUID } from 'node:crypto';
import { openDatabase } from '@aipassport/store';
import type { IdempotencyKey } from '@aipassport/store/proxying';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { IdempotencyKeys } from '../src/idempotency-keys.js';
import { createLog } from '../src/index.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

const keyOf = (grantId: string): IdempotencyKey => ({ grantId, key: randomUUID(), requestId: randomUUID() });

it('an idempotency key that the database refuses does not affect others, and its release is not retried', async () => {
  const db = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 2 });
  const lines: string[] = [];
  const keys = new IdempotencyKeys(db, createLog('debug', { write: (line) => lines.push(line) }));
  // PostgreSQL cannot store a zero byte in a text.
  const asked = Array.from({ length: 20 }, (_, n) => keyOf(n === 7 ? 'zero\u0000byte' : 'grant'));
  const claimed = await Promise.allSettled(asked.map((key) => keys.claim(key)));
  expect(claimed.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([7]);
  for (const key of asked) keys.release(key);
  await keys.close();
  expect(lines.filter((line) => line.includes('idempotency_key_kept'))).toHaveLength(1);
  expect(await Promise.all(asked.filter((_, n) => n !== 7).map((key) => keys.claim(key)))).toEqual(
    Array(19).fill(true),
  );
  await db.destroy();
});
