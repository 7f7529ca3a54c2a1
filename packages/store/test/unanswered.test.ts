import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { isDatabaseUnavailable, openDatabase, pingDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
let line: Server;
const sockets = new Set<Socket>();
let isSilent = false;

beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL, { migrated: false });
  line = createServer((client) => {
    const target = connect(Number(new URL(test.url).port), '127.0.0.1');
    for (const socket of [client, target]) sockets.add(socket.on('error', () => undefined));
    // A silent connection stays silent, as if the other side had stopped without closing it.
    const wire = { isSilent };
    client.on('data', (bytes) => {
      wire.isSilent ||= isSilent;
      if (!wire.isSilent) target.write(bytes);
    });
    target.on('data', (bytes) => wire.isSilent || client.write(bytes));
  });
  await new Promise<void>((resolve) => {
    line.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => {
    line.close(resolve);
  });
  await test.close();
});

it('a connection on which a statement was not answered is not used again', async () => {
  const address = line.address();
  const url = new URL(test.url);
  url.port = String(typeof address === 'object' ? address?.port : '');
  const db = openDatabase({
    url: url.href,
    applicationName: 'test',
    maxConnections: 2,
    // Short, because the test waits for the timeouts of two statements and one connection, but long enough for
    // statements that are answered.
    statementTimeoutMilliseconds: 1_000,
    connectTimeoutMilliseconds: 3_000,
  });
  try {
    await Promise.all([sql`select pg_sleep(0.05)`.execute(db), sql`select pg_sleep(0.05)`.execute(db)]);
    isSilent = true;
    for (let attempt = 0; attempt < 3; attempt++) {
      const error: unknown = await pingDatabase(db).catch((problem: unknown) => problem);
      expect(isDatabaseUnavailable(error)).toBe(true);
    }
    isSilent = false;
    await pingDatabase(db);
    await pingDatabase(db);
  } finally {
    await db.destroy();
  }
});
