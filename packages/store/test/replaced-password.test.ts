import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, isPasswordRefused, openDatabase, pingDatabase } from '../src/index.js';
import { listenForRevocations } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { waitUntil } from './wait-until.js';

let database: TestDatabase;
let role: string;
/** The present content of the file with the URL. */
let given: string;
const opened: Database[] = [];

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => database.close());
beforeEach(async () => {
  role = `rotated_${randomUUID().replaceAll('-', '')}`;
  await database.query(`create role ${role} login password 'old' in role aipassport_proxy`);
  given = urlWith('old');
});
afterEach(async () => {
  for (const db of opened.splice(0)) await db.destroy();
  await database.query(`drop role ${role}`);
});

const urlWith = (password: string) => Object.assign(new URL(database.url), { username: role, password }).href;
const setPassword = (password: string) => database.query(`alter role ${role} password '${password}'`);

/** A message from PostgreSQL to a client. */
function message(type: string, content: string | Buffer): Buffer {
  const body = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

function open(readUrl: () => string = () => given): Database {
  const db = openDatabase({ url: given, readUrl, applicationName: role, maxConnections: 8 });
  opened.push(db);
  return db;
}

/** Holds this many connections at once, so that the pool opens new ones. */
async function hold(db: Database, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () =>
      db.connection().execute((connection) => sql`select pg_sleep(0.2)`.execute(connection)),
    ),
  );
}

async function countOpened(): Promise<number> {
  const rows = await database.query('select from pg_stat_activity where usename = $1', [role]);
  return rows.length;
}

it('a password is replaced without a failed statement: first in the file, then in PostgreSQL', async () => {
  const db = open();
  await hold(db, 2);
  given = urlWith('new');
  await hold(db, 4); // PostgreSQL still has the old one
  await setPassword('new');
  await hold(db, 8);
  expect(await countOpened()).toBe(8); // the connections that were open still work
});

it('while the file has a wrong password or none, new connections use the password that worked last', async () => {
  let isMissing = false;
  const db = open(() => {
    if (isMissing) throw new Error('ENOENT');
    return given;
  });
  await hold(db, 1);
  given = urlWith('mistyped');
  await hold(db, 2);
  isMissing = true;
  await hold(db, 3);
  isMissing = false;
  given = urlWith('new');
  await setPassword('new');
  await hold(db, 4);
  expect(await countOpened()).toBe(4);
});

it('if a password is replaced in PostgreSQL first, new connections work as soon as the file has the new password', async () => {
  const db = open();
  await hold(db, 1);
  await setPassword('new');
  expect(isPasswordRefused(await hold(db, 2).catch((error: unknown) => error))).toBe(true);
  given = urlWith('new');
  await hold(db, 3);
});

it('if there is no other password to try, the refusal of a wrong password is reported', async () => {
  given = urlWith('wrong');
  const db = open();
  expect(isPasswordRefused(await pingDatabase(db).catch((error: unknown) => error))).toBe(true);
});

it('the listener for revocations connects again with the replaced password', async () => {
  let listening = 0;
  const listener = listenForRevocations({
    url: given,
    readUrl: () => given,
    applicationName: role,
    db: database.db,
    onRevoked: () => undefined,
    onListening: () => {
      listening += 1;
    },
    onLost: () => undefined,
  });
  try {
    await waitUntil(() => listening === 1);
    given = urlWith('new');
    await setPassword('new');
    await database.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
    await waitUntil(() => listening === 2);
  } finally {
    await listener.close();
  }
});

it('if a connection ends as soon as it opens, its statement fails, and the process does not end', async () => {
  const ending = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const accepted = message('R', Buffer.alloc(4));
      const terminated = message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');
      socket.end(Buffer.concat([accepted, message('Z', 'I'), terminated]));
    });
  });
  await new Promise<void>((resolve) => ending.listen(0, '127.0.0.1', resolve));
  const { port } = ending.address() as AddressInfo;
  try {
    const db = openDatabase({ url: `postgres://a:b@127.0.0.1:${port}/c?sslmode=disable`, applicationName: role });
    opened.push(db);
    await expect(sql`select 1`.execute(db)).rejects.toThrow();
  } finally {
    ending.close();
  }
});
