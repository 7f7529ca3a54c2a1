import { createServer } from 'node:net';
import { migrate, openDatabase } from '@aipassport/store';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { TcpFront } from './support/tcp-front.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let front: TcpFront;
let databaseUrl: string;
const opened: (() => Promise<void> | void)[] = [];

beforeAll(() => {
  databaseUrl = process.env['TEST_DATABASE_URL'] ?? '';
});

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

// The ids at the beginning of titles are rows of docs/security.md.
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

it('W1: a proxy whose database is missing or not migrated answers 503 and says why, and serves once it is ready', async () => {
  const empty: TestDatabase = await createTestDatabase(databaseUrl, { migrated: false });
  opened.push(() => empty.close());
  const missing = new URL(empty.url);
  missing.pathname = `${missing.pathname}_too_many`;
  const cases = [
    {
      url: missing.href,
      check: 'database',
      message: 'refuses the login of this server',
      mend: (db: string) => createNamed(db),
    },
    { url: empty.url, check: 'schema', message: 'migrat', mend: () => Promise.resolve() },
  ];
  for (const { url, check, message, mend } of cases) {
    const port = await freePort();
    const starting = TestProxy.start({ databaseUrl: () => url, port });
    const base = `http://127.0.0.1:${port}`;
    await waitUntil(
      async () => (await fetch(`${base}/health/live`).catch(() => undefined))?.status === 200,
      'it is live',
    );
    await waitUntil(async () => (await readChecks(base))[check]?.message?.includes(message) === true, 'it says so');
    const unready = await fetch(`${base}/health/ready`);
    expect([unready.status, unready.headers.get('retry-after')]).toEqual([503, '5']);
    const { checks } = (await unready.json()) as Health;
    expect(checks[check]).toEqual({ ok: false, message: expect.stringContaining(message) });
    const refused = await fetch(`${base}/anthropic/v1/messages`, { method: 'POST', body: '{}' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    await mend(url);
    const db = openDatabase({ url, applicationName: 'test' });
    await migrate(db);
    await db.destroy();
    const proxy = await starting;
    opened.push(() => proxy.stop());
    await waitUntil(async () => (await fetch(`${base}/health/ready`)).status === 200, 'it is ready');
  }
});

interface Health {
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly message?: string }>>;
}

async function readChecks(base: string): Promise<Health['checks']> {
  return ((await (await fetch(`${base}/health/ready`)).json()) as Health).checks;
}

/** Makes the database that a URL names. */
async function createNamed(url: string): Promise<void> {
  const db = openDatabase({ url: databaseUrl, applicationName: 'test' });
  await sql`create database ${sql.id(new URL(url).pathname.slice(1))}`.execute(db);
  await db.destroy();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}
