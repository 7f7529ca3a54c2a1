import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { endRestoredAccess } from '../src/authorization/index.js';
import {
  DatabaseRestored,
  fileText,
  findDatabaseProblem,
  isDatabaseUnavailable,
  moveRestoreMark,
  openDatabase,
  pingDatabase,
} from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
let directory: string;
let file: string;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-mark-'));
});
beforeEach(() => {
  file = path.join(directory, 'mark');
  rmSync(file, { force: true });
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await test.close();
});

const readName = () => readFileSync(file, 'utf8').slice(0, 36);
const readStored = async () =>
  (await test.query<{ at: bigint }>('select at from restore_marks where name = $1', [readName()]))[0]?.at;
const store = (at: bigint) => test.query('update restore_marks set at = $1', [at]);
const read = () => BigInt(readFileSync(file, 'utf8').split(' ')[1]?.trim() ?? '');
const readRuns = () => readFileSync(file, 'utf8').trim().split(' ').slice(2);

// The ids at the beginning of titles are rows of docs/security.md.
it('F10: each server’s role can move the mark, and the file then has the same mark as the database', async () => {
  for (const url of [test.urls.authorization, test.urls.proxy]) {
    const db = openDatabase({ url, applicationName: 'test' });
    await moveRestoreMark(db, fileText(file));
    const before = read();
    await moveRestoreMark(db, fileText(file));
    expect(read()).toBeGreaterThan(before);
    expect(await readStored()).toBe(read());
    await db.destroy();
  }
  expect(readdirSync(directory)).toEqual(['mark']);
});

it('F10: a database whose mark is lower than the mark in the file counts as restored, until `restored` has run on it', async () => {
  await moveRestoreMark(test.db, fileText(file));
  const backup = await readStored();
  await moveRestoreMark(test.db, fileText(file));
  const known = read();
  await store(backup ?? 0n);
  const error = await moveRestoreMark(test.db, fileText(file)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatabaseRestored);
  expect(findDatabaseProblem(error)?.message).toContain('run `aipassport restored`');
  expect([await readStored(), read()]).toEqual([backup, known]);
  await endRestoredAccess(test.db, []);
  await moveRestoreMark(test.db, fileText(file));
  expect(read()).toBeGreaterThan(known);
});

it('F10: a server with a new file does not hide a restore from a server whose file has a higher mark than the restored database', async () => {
  await moveRestoreMark(test.db, fileText(file));
  const backup = await readStored();
  await moveRestoreMark(test.db, fileText(file));
  await store(backup ?? 0n);
  await moveRestoreMark(test.db, fileText(path.join(directory, 'new')));
  rmSync(path.join(directory, 'new'));
  await expect(moveRestoreMark(test.db, fileText(file))).rejects.toThrow(DatabaseRestored);
  await test.query('delete from restore_marks');
  await expect(moveRestoreMark(test.db, fileText(file))).rejects.toThrow(DatabaseRestored);
});

it('F10: a crash before the file is written is not taken for a restore', async () => {
  await moveRestoreMark(test.db, fileText(file));
  const known = read();
  await test.query('select from move_restore_mark($1, 0, $2)', [readName(), readRuns()]);
  await moveRestoreMark(test.db, fileText(file));
  expect(read()).toBe(known + 2n);
});

it('F10: a mark that is far too high does not stop a server and does not hide a restore', async () => {
  await moveRestoreMark(test.db, fileText(file));
  const backup = await readStored();
  const future = BigInt(Date.now() + 365 * 86_400_000) * 1_000n;
  await store(future);
  await moveRestoreMark(test.db, fileText(file));
  expect(read()).toBe(future + 1n);
  for (const times of [1, 2, 3]) {
    await store(backup ?? 0n);
    await expect(moveRestoreMark(test.db, fileText(file))).rejects.toThrow(DatabaseRestored);
    await endRestoredAccess(test.db, []);
    await moveRestoreMark(test.db, fileText(file));
    expect([times, read()]).toEqual([times, future + 1n + BigInt(times)]);
  }
});

it('F10: an earlier run of `restored` does not hide a restore, whether or not the restored backup contains that run', async () => {
  await moveRestoreMark(test.db, fileText(file));
  const backup = await test.query<{ name: string; at: bigint }>('select name, at from restore_marks');
  await endRestoredAccess(test.db, []);
  await moveRestoreMark(test.db, fileText(file));
  const later = await test.query<{ name: string; at: bigint }>('select name, at from restore_marks');
  await moveRestoreMark(test.db, fileText(file));
  for (const rows of [backup, later, backup]) {
    await restore(rows);
    await expect(moveRestoreMark(test.db, fileText(file))).rejects.toThrow(DatabaseRestored);
  }
  await endRestoredAccess(test.db, []);
  await moveRestoreMark(test.db, fileText(file));
});

async function restore(rows: readonly { readonly name: string; readonly at: bigint }[]): Promise<void> {
  await test.query('delete from restore_marks');
  for (const { name, at } of rows) await test.query('insert into restore_marks values ($1, $2)', [name, at]);
}

it('F10: a mark that cannot be read or written is reported as a problem of the configuration, with the names of the settings', async () => {
  writeFileSync(file, '12');
  await expect(moveRestoreMark(test.db, fileText(file))).rejects.toThrow(
    `JOURNAL_BUCKET_URL: ${file} was not written by a server`,
  );
  expect(readFileSync(file, 'utf8')).toBe('12');
  await expect(moveRestoreMark(test.db, fileText(directory))).rejects.toThrow(
    `JOURNAL_BUCKET_URL: ${directory} cannot be read (EISDIR)`,
  );
  const missing = path.join(directory, 'missing', 'mark');
  await expect(moveRestoreMark(test.db, fileText(missing))).rejects.toThrow(
    `JOURNAL_BUCKET_URL: ${missing} cannot be written (ENOENT)`,
  );
});

it('F9: a new connection to a database that is older than the file’s mark is refused before a statement runs on it', async () => {
  await moveRestoreMark(test.db, fileText(file));
  const backup = await readStored();
  await moveRestoreMark(test.db, fileText(file));
  await store(backup ?? 0n);
  for (const url of [test.urls.authorization, test.urls.proxy]) {
    const db = openDatabase({ url, applicationName: 'test', restoreMark: fileText(file) });
    const error = await pingDatabase(db).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatabaseRestored);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await db.destroy();
  }
  await endRestoredAccess(test.db, []);
  const db = openDatabase({ url: test.urls.proxy, applicationName: 'test', restoreMark: fileText(file) });
  await pingDatabase(db);
  await db.destroy();
});

it('F9: with several hosts, the error says that one database is old, and not that another host does not answer', async () => {
  await moveRestoreMark(test.db, fileText(file));
  await store(0n);
  await test.query(`delete from restore_marks where name like 'restored:%'`);
  const { host } = new URL(test.urls.proxy);
  const url = test.urls.proxy.replace(host, `${host},127.0.0.1:1`);
  const db = openDatabase({ url, applicationName: 'test', restoreMark: fileText(file) });
  await expect(pingDatabase(db)).rejects.toThrow(DatabaseRestored);
  await db.destroy();
});

it('F9: no connection is refused because the file is new or cannot be read, or because the database has no schema', async () => {
  const marks = () => test.query('select from restore_marks');
  const before = (await marks()).length;
  const db = openDatabase({ url: test.url, applicationName: 'test', restoreMark: fileText(file) });
  await pingDatabase(db);
  expect((await marks()).length).toBe(before);
  writeFileSync(file, 'not a mark');
  const unread = openDatabase({ url: test.url, applicationName: 'test', restoreMark: fileText(file) });
  await pingDatabase(unread);
  await unread.destroy();
  rmSync(file);
  await db.destroy();
  await moveRestoreMark(test.db, fileText(file));
  const empty = await createTestDatabase(process.env.TEST_DATABASE_URL, { migrated: false });
  const other = openDatabase({ url: empty.url, applicationName: 'test', restoreMark: fileText(file) });
  await pingDatabase(other);
  await other.destroy();
  await empty.close();
});
