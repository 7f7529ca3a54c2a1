import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { migrate as migrateIn, type SchemaFolders } from '../src/database/migrate.js';
import { type Database, openDatabase } from '../src/index.js';
import { insertReplica } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addMigrations } from './add-migrations.js';
import { addGrant } from './fixtures.js';
import { keepAdmitting } from './keep-admitting.js';

/** A migration waits at most 500 ms at a time. The rest is a margin for a busy machine. */
const maxAdmissionMilliseconds = 500 + 2_000;
const withinMilliseconds = 15_000;

let test: TestDatabase;
let operator: Database;
let proxy: Database;
let grantId: string;
const children: ChildProcess[] = [];
const temporary = mkdtempSync(path.join(tmpdir(), 'aipassport-locks-'));

beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  operator = openDatabase({
    url: test.url,
    applicationName: 'aipassport operator',
    maxConnections: 2,
    statementTimeoutMilliseconds: 0,
  });
  proxy = openDatabase({ url: test.url, applicationName: 'proxy' });
  await insertReplica(proxy, { replicaId: 'one', leaseSeconds: 3_600 });
  grantId = await addGrant(test.db);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([proxy.destroy(), operator.destroy()]);
  await test.close();
  rmSync(temporary, { recursive: true, force: true });
});

const addMigration = (name: string, text: string) => addMigrations(temporary, { [name]: text });

const holders = new Set<pg.Client>();
// Releases the locks of a test that failed, because the next test needs them.
afterEach(() => Promise.all([...holders].map(release)));

async function release(holder: pg.Client): Promise<void> {
  holders.delete(holder);
  await holder.query('commit');
  await holder.end();
}

/** Takes the lock that a backup takes. @returns a function that releases it */
async function holdAsBackup(statement = 'lock table grants in access share mode'): Promise<() => Promise<void>> {
  const holder = new pg.Client({ connectionString: test.url, application_name: 'pg_dump' });
  await holder.connect();
  holders.add(holder);
  await holder.query(`begin; ${statement}`);
  return () => release(holder);
}

async function waitFor(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + withinMilliseconds; performance.now() < end; await sleep(20))
    if (await isSo()) return;
  throw new Error(`did not happen: ${what}`);
}

/** Statements of the migrator that the server still runs or keeps in a queue. */
async function listLeftBehind(): Promise<readonly string[]> {
  const { rows } = await sql<{ query: string }>`
    select query from pg_stat_activity where datname = current_database() and state <> 'idle'
      and application_name in ('aipassport operator', 'killed') and query !~ 'pg_stat_activity|pg_blocking_pids'`.execute(
    test.db,
  );
  return rows.map(({ query }) => query);
}

/**
 * Whether a statement waits for the lock of `grants`. The database is compared too, because databases that are made
 * from one template have the same table identifiers.
 */
async function isQueued(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_locks where not granted and relation = 'grants'::regclass and mode = 'AccessExclusiveLock'
      and database = (select oid from pg_database where datname = current_database())`.execute(test.db);
  return rows.length > 0;
}

/** A migrator in a process of its own, which can be killed. */
function spawnMigrator({ migrations, functions }: SchemaFolders): ChildProcess {
  const locate = (name: string) => new URL(`../src/database/${name}.js`, import.meta.url).href;
  const program = `
    const { openDatabase } = await import('${locate('open-database')}');
    const { migrate } = await import('${locate('migrate')}');
    const db = openDatabase({ url: process.env.URL, applicationName: 'killed', statementTimeoutMilliseconds: 0 });
    await migrate(db, {}, { migrations: new URL('${migrations.href}'), functions: new URL('${functions.href}') });
    process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { URL: test.url },
    stdio: 'inherit',
  });
  children.push(child);
  return child;
}

it('waits for a backup to end, names the process that holds the lock, and delays no request', async () => {
  const release = await holdAsBackup();
  const admissions = keepAdmitting(proxy, grantId);
  const lines: string[] = [];
  const folders = addMigration('9001_more', 'alter table grants add column more text;');
  const migrated = migrateIn(operator, { report: (line) => lines.push(line) }, folders);
  await waitFor(() => lines.length >= 2, 'it has tried twice');
  await release();
  expect(await migrated).toEqual(['9001_more']);
  expect(await admissions.end()).toBeLessThan(maxAdmissionMilliseconds);
  // A wait of half a second may end before a busy process has seen the lock, so only one attempt has to name it.
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^9001_more: waited for AccessExclusiveLock on grants; process \d+, "pg_dump", .*holds AccessShareLock\. Nothing was changed; it is tried again in [12] s\.$/,
    ),
  );
});

it('leaves no statement in the queue if it is interrupted while it waits', async () => {
  const release = await holdAsBackup();
  const admissions = keepAdmitting(proxy, grantId);
  const stopping = new AbortController();
  const folders = addMigration('9002_more', 'alter table grants add column yet_more text;');
  const migrated = migrateIn(operator, { signal: stopping.signal }, folders);
  migrated.catch(() => undefined);
  await waitFor(isQueued, 'it waits in the queue');
  stopping.abort(new Error('interrupted'));
  await expect(migrated).rejects.toThrow('interrupted');
  expect(await listLeftBehind()).toEqual([]);
  expect(await isQueued()).toBe(false);
  expect(await admissions.end()).toBeLessThan(maxAdmissionMilliseconds);
  await release();
});

it('cancels a long statement when it is interrupted, and the next migration can then run', async () => {
  const folders = addMigration('9003_slow', '-- alone\nselect pg_sleep(600);');
  const stopping = new AbortController();
  const migrated = migrateIn(operator, { signal: stopping.signal }, folders);
  migrated.catch(() => undefined);
  await waitFor(async () => (await listLeftBehind()).some((text) => text.includes('pg_sleep')), 'it sleeps');
  stopping.abort(new Error('interrupted'));
  await expect(migrated).rejects.toThrow('interrupted');
  expect(await listLeftBehind()).toEqual([]);
  expect(await migrateIn(operator, {}, addMigration('9004_quick', 'select 1;'))).toEqual(['9004_quick']);
});

it('a migration is ended by the database server when the process that runs it is killed', async () => {
  const child = spawnMigrator(addMigration('9005_slow', '-- alone\nselect pg_sleep(600);'));
  await waitFor(async () => (await listLeftBehind()).some((text) => text.includes('pg_sleep')), 'it sleeps');
  child.kill('SIGKILL');
  await waitFor(async () => (await listLeftBehind()).length === 0, 'the server has noticed');
});

it('does not hold the locks of other migrations during a long migration that runs outside of their transaction', async () => {
  const text = '-- A data step.\n-- alone\n\nselect pg_sleep(4);';
  const folders = addMigration('9007_slow', text);
  writeFileSync(new URL('9006_more.sql', folders.migrations), 'alter table grants add column even_more text;');
  const admissions = keepAdmitting(proxy, grantId);
  expect(await migrateIn(operator, {}, folders)).toEqual(['9006_more', '9007_slow']);
  expect(await admissions.end()).toBeLessThan(maxAdmissionMilliseconds);
});

it('lets a function call that began before a migration continue after it', async () => {
  const define = (row: string) =>
    `create or replace function fill_probe() returns probe language plpgsql as
     'begin perform from probe_locks for update; return ${row}; end';`;
  const first = addMigration('9010_probe', 'create table probe (a integer); create table probe_locks (n integer);');
  writeFileSync(new URL('fill_probe.sql', first.functions), define('row(1)::probe'));
  await migrateIn(operator, {}, first);
  await sql`insert into probe_locks values (1)`.execute(test.db);
  // The state that the previous release leaves: a function that fails as soon as the table has one more column.
  await sql`update functions set release = release - 1 where name = 'fill_probe'`.execute(test.db);
  const second = addMigration('9011_wider', 'alter table probe add column b integer;');
  writeFileSync(new URL('9012_slow.sql', second.migrations), '-- alone\nselect pg_sleep(0.5);');
  writeFileSync(new URL('fill_probe.sql', second.functions), define('row(1, 2)::probe'));
  writeFileSync(new URL('fill_probe.sql', second.bridges), define("jsonb_populate_record(null::probe, ''{}'')"));

  const release = await holdAsBackup('select from probe_locks for update');
  const early = sql`select fill_probe()`.execute(proxy);
  early.catch(() => undefined);
  setTimeout(() => void release(), 1_000); // a proxy waits this long for an answer
  let isOver = false;
  const calling = (async () => {
    for (let calls = 0; ; calls++) {
      if (isOver) return calls;
      await sql`select fill_probe()`.execute(proxy);
    }
  })();
  calling.catch(() => undefined);
  await migrateIn(operator, {}, second);
  isOver = true;
  expect(await calling).toBeGreaterThan(20);
  await early;
});

it('builds an index concurrently, and builds it again after an interruption', async () => {
  const text =
    '-- for: a test\n-- concurrently: grants_reason\n\ncreate index concurrently grants_reason on grants (reason);';
  const folders = addMigration('9008_index', text);
  const release = await holdAsBackup(`update grants set reason = 'held' where id = '${await addGrant(test.db)}'`);
  const admissions = keepAdmitting(proxy, grantId);
  const readValid = async () => {
    const { rows } = await sql<{ valid: boolean }>`
      select indisvalid as valid from pg_index where indexrelid = to_regclass('grants_reason')`.execute(test.db);
    return rows[0]?.valid;
  };
  const child = spawnMigrator(folders);
  await waitFor(async () => (await readValid()) === false, 'it is being made');
  child.kill('SIGKILL');
  await waitFor(async () => (await listLeftBehind()).length === 0, 'the server has noticed');
  await release();
  expect(await readValid()).toBe(false);
  expect(await migrateIn(operator, {}, folders)).toEqual(['9008_index']);
  expect(await readValid()).toBe(true);
  expect(await admissions.end()).toBeLessThan(maxAdmissionMilliseconds);
});
