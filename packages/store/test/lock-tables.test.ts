import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { buildVerifier } from '../src/database/build-verifier.js';
import { listLockedTables, lockOrder } from '../src/database/lock-tables.js';
import { migrate as migrateIn } from '../src/database/migrate.js';
import { prepareRoles } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addMigrations, keepRelease1 } from './add-migrations.js';
import { waitUntil } from './wait-until.js';

const source = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, source), 'utf8');
const temporary = mkdtempSync(path.join(tmpdir(), 'aipassport-locks-'));

let test: TestDatabase;
let old: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  old = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false, hasRoles: false });
  await migrateIn(old.db, {}, keepRelease1(addMigrations(temporary, {})));
});
afterAll(async () => {
  await Promise.all([test.close(), old.close()]);
  rmSync(temporary, { recursive: true, force: true });
});

/**
 * Locks two tables one after the other, as a request does, and starts `work`, which changes these tables, in between.
 * @returns the messages that `work` reported
 */
async function requestDuring(
  { db, url }: TestDatabase,
  work: (report: (line: string) => void) => Promise<unknown>,
): Promise<readonly string[]> {
  const request = new pg.Client({ connectionString: url });
  await request.connect();
  await request.query('begin; lock table account_limits in row exclusive mode');
  const lines: string[] = [];
  const working = work((line) => lines.push(line));
  working.catch(() => undefined);
  await waitUntil(async () => {
    const waiting = await sql`
      select from pg_locks where not granted and relation = 'account_limits'::regclass
        and database = (select oid from pg_database where datname = current_database())`.execute(db);
    return waiting.rows.length > 0;
  });
  await request.query('lock table grants in row exclusive mode; commit');
  await request.end();
  await working;
  return lines;
}

it('applies a migration at the first attempt, even if it names busy tables in an order different from that of requests', async () => {
  const text = 'alter table grants add column more text;\nalter table account_limits add column more text;';
  const folders = addMigrations(temporary, { '9001_more': text });
  expect(await requestDuring(test, (report) => migrateIn(test.db, { report }, folders))).toEqual([]);
});

it('gives the tables to their new owner at the first attempt, because it locks them in the order of requests', async () => {
  const verifier = buildVerifier('of-a-role-in-tests');
  const verifiers = { owner: verifier, authorization: verifier, proxy: verifier };
  expect(await requestDuring(old, (report) => prepareRoles(old.db, verifiers, report))).toEqual([]);
});

it.each(['admit_requests', 'settle_requests', 'set_account_limit', 'set_time_zone'])(
  'lists the tables of %s in the order in which that function locks them',
  (name) => {
    const statements = read(`functions/${name}.sql`).replaceAll(/--.*$/gm, '');
    const named = [...statements.matchAll(/\b(?:from|join|into|update)\s+(\w+)/g)].map(([, table = '']) => table);
    const tables = [...new Set(named)].filter((table) => lockOrder.includes(table));
    expect(tables.length).toBeGreaterThan(2);
    expect(tables).toEqual(lockOrder.filter((table) => tables.includes(table)));
  },
);

it('lists the tables that each migration after release 1 locks against writers', async () => {
  const later = readdirSync(new URL('migrations', source)).filter((file) => file >= '0008');
  const found: string[] = [];
  for (const file of later) {
    const text = read(`migrations/${file}`);
    if (/^-- concurrently/m.test(text)) continue;
    const locked = await old.db.transaction().execute(async (transaction) => {
      const { rows: before } = await sql<{ oid: string }>`
        select oid::text from pg_class where relkind in ('r', 'p') and not relispartition
        and relnamespace = 'public'::regnamespace`.execute(transaction);
      await sql.raw(text).execute(transaction);
      const { rows } = await sql<{ name: string }>`
        select distinct relation::regclass::text as name from pg_locks where pid = pg_backend_pid() and granted
        and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        and relation = any (${before.map(({ oid }) => oid)}::oid[])`.execute(transaction);
      return rows.map(({ name }) => name);
    });
    expect([file, listLockedTables(text)]).toEqual([file, expect.arrayContaining(locked)]);
    found.push(...locked);
  }
  expect(found).toEqual(expect.arrayContaining(['grants', 'ledger', 'reservations', 'stored_objects']));
});

it('finds the tables in every kind of statement that locks out writers, and none in comments and bodies of functions', () => {
  const text = `
    -- alter table commented add column a text;
    alter table only one add column a text, add column b text;
    alter table two validate constraint two_is_positive;
    alter table two_more add constraint c check (a > 0) not valid;
    drop table if exists three;
    create table new (id text references four (id) on delete cascade);
    create trigger t after insert on five for each row execute function f();
    drop trigger t on six;
    create unique index i on seven (a);
    create index concurrently j on eight (a);
    create function f() returns trigger language plpgsql as $$ begin alter table nine add column a text; end $$;`;
  expect(listLockedTables(text).toSorted()).toEqual(['five', 'four', 'one', 'seven', 'six', 'three', 'two_more']);
});
