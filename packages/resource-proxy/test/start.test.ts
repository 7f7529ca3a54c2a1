import { DatabaseRefusedError } from '@aipassport/store';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { TcpFront } from './support/tcp-front.js';
import { TestProxy } from './support/test-proxy.js';

let front: TcpFront;
let databaseUrl: string;
const opened: (() => Promise<void> | void)[] = [];

beforeAll(() => {
  databaseUrl = process.env['TEST_DATABASE_URL'] ?? '';
});

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

it('S10: a proxy that starts before its database waits for it, and says so', async () => {
  front = await TcpFront.open(databaseUrl);
  opened.push(() => front.close());
  front.cut();
  let awaited = 0;
  const proxy = await TestProxy.start({
    databaseUrl: (url) => front.through(url),
    onLine: (line) => {
      if (line.includes('"event":"database_awaited"')) awaited += 1;
      if (awaited === 2) front.mend();
    },
  });
  opened.push(() => proxy.stop());
  const waits = proxy.lines
    .map((line) => JSON.parse(line) as { event: string; retry_ms?: number })
    .filter(({ event }) => event === 'database_awaited')
    .map(({ retry_ms: milliseconds }) => milliseconds);
  expect(waits.slice(0, 2)).toEqual([250, 500]);
  const { token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(200);
});

it('a proxy whose database is not there, or not its own, ends at once', async () => {
  const missing = TestProxy.start({ databaseUrl: (url) => `${url}-that-is-not-there` });
  await expect(missing).rejects.toThrow(DatabaseRefusedError);
  const empty: TestDatabase = await createTestDatabase(databaseUrl, { migrated: false });
  opened.push(() => empty.close());
  await expect(TestProxy.start({ databaseUrl: () => empty.urls.proxy })).rejects.toThrow(
    'run the migrate command first',
  );
});
