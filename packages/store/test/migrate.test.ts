import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { migrate as migrateIn } from '../src/database/migrate.js';
import { release } from '../src/database/sql-files.js';
import { assertMigrated, migrate, openDatabase, SchemaError } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addMigrations } from './add-migrations.js';

const source = new URL('../../', import.meta.url);
const lines: string[] = [];
const report = (line: string) => lines.push(line);
let fresh: TestDatabase;
const temporary = mkdtempSync(path.join(tmpdir(), 'aipassport-migrate-'));
beforeAll(async () => {
  fresh = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
});
afterAll(async () => {
  await fresh.close();
  rmSync(temporary, { recursive: true, force: true });
});

async function listNames(table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(fresh.db);
  return rows.map(({ name }) => name);
}

async function readFunction(name: string): Promise<{ readonly source: string; readonly version: string } | undefined> {
  const { rows } = await sql<{ source: string; version: string }>`
    select prosrc as source, xmin::text as version from pg_proc where proname = ${name}`.execute(fresh.db);
  return rows[0];
}

it('refuses to start on an empty database, and says what to do', async () => {
  await expect(assertMigrated(fresh.db)).rejects.toThrow(/lacks migration 0001.*run the migrate command/);
});

it('applies every migration once, even if several deployments start together', async () => {
  const others = [1, 2, 3].map(() => openDatabase({ url: fresh.url, applicationName: 'test' }));
  const results = await Promise.all([fresh.db, ...others].map((db) => migrate(db, { report })));
  expect(results.filter((applied) => applied.length > 0)).toHaveLength(1);
  expect(lines.filter((line) => line.includes('cannot serve'))).toEqual([]); // there is no release before the first one
  expect(await migrate(fresh.db)).toEqual([]);
  await assertMigrated(fresh.db);
  await Promise.all(others.map((db) => db.destroy()));
});

it('records an expanding migration in a table that the previous release does not read', async () => {
  const all = readdirSync(new URL('migrations', source)).map((file) => file.replace('.sql', ''));
  expect((await listNames('migrations')).every((name) => name < '0008')).toBe(true);
  expect([...(await listNames('migrations')), ...(await listNames('schema_migrations'))]).toEqual(all.sort());

  await migrateIn(
    fresh.db,
    {},
    addMigrations(temporary, { '9001_expands': 'alter table attempts add column note text;' }),
  );
  expect(await listNames('migrations')).not.toContain('9001_expands');
  expect(await listNames('schema_migrations')).toContain('9001_expands');
});

it('accepts a database that a newer version has migrated, and changes nothing when it migrates there', async () => {
  await assertMigrated(fresh.db);
  lines.length = 0;
  expect(await migrate(fresh.db, { report })).toEqual([]);
  expect(lines).toEqual(['The database has been migrated by a newer version, which this one can work with.']);
});

it('refuses a database after a migration that needs a newer release, and says which', async () => {
  await sql`insert into schema_migrations (name, checksum, needed_release)
    values ('9002_contracts', 'x', ${release + 1})`.execute(fresh.db);
  const words = `the database holds migration 9002_contracts, which needs release ${release + 1} or a newer one; this is release ${release}`;
  await expect(assertMigrated(fresh.db)).rejects.toThrow(new SchemaError(words));
  await expect(migrate(fresh.db)).rejects.toThrow(new SchemaError(words));
  await sql`delete from schema_migrations where name = '9002_contracts'`.execute(fresh.db);
});

it('a contracting migration is recorded in the table that release 1 reads, so that release 1 refuses the database', async () => {
  const text = '-- What release 1 used.\n-- needs-release: 2\n\nalter table attempts drop column note;';
  lines.length = 0;
  await migrateIn(fresh.db, { report }, addMigrations(temporary, { '9003_contracts': text }));
  expect(lines).toContain(
    '9003_contracts: servers older than release 2 cannot serve after this, and you cannot go back to them.',
  );
  expect(await listNames('migrations')).toContain('9003_contracts');
  await assertMigrated(fresh.db); // the migration needs release 2, and this release is not older
  for (const table of ['migrations', 'schema_migrations'])
    await sql`delete from ${sql.table(table)} where name >= '9'`.execute(fresh.db);
});

it('replaces a function when its file has changed, and does not change it otherwise', async () => {
  const current = await readFunction('create_ledger_partition');
  await migrate(fresh.db);
  expect(await readFunction('create_ledger_partition')).toEqual(current);

  await sql`update functions set checksum = 'of an older file' where name = 'create_ledger_partition'`.execute(
    fresh.db,
  );
  await migrate(fresh.db);
  expect(await readFunction('create_ledger_partition')).not.toEqual(current);
  expect((await readFunction('create_ledger_partition'))?.source).toBe(current?.source);
});

it('an older release does not replace a function of a newer one; a newer release replaces an older function', async () => {
  const newer = `create or replace function notify_grant_revoked() returns trigger language plpgsql as
    'begin perform pg_notify(''grant_revoked'', new.grant_id); perform 2; return null; end'`;
  await sql.raw(newer).execute(fresh.db);
  await sql`update functions set release = ${release + 1}, checksum = 'newer'`.execute(fresh.db);
  await migrate(fresh.db);
  expect((await readFunction('notify_grant_revoked'))?.source).toContain('perform 2');
  await assertMigrated(fresh.db);

  await sql`update functions set release = ${release - 1}`.execute(fresh.db);
  await expect(assertMigrated(fresh.db)).rejects.toThrow(/lacks the function .* of release 2; run the migrate command/);
  await migrate(fresh.db);
  expect((await readFunction('notify_grant_revoked'))?.source).not.toContain('perform 2');
  await assertMigrated(fresh.db);
});

it('names the file whose statement failed, and changes nothing', async () => {
  const folders = addMigrations(temporary, {
    '9004_first': 'create table never (id text);',
    '9005_wrong': 'select wrong;',
  });
  await expect(migrateIn(fresh.db, {}, folders)).rejects.toThrow('9005_wrong: column "wrong" does not exist');
  const { rows } = await sql<{ there: boolean }>`select to_regclass('never') is not null as there`.execute(fresh.db);
  expect(rows).toEqual([{ there: false }]);
});

it('refuses a database if a migration was edited after it was applied, or if the table of release 1 names an unknown migration', async () => {
  await sql`insert into migrations (name, checksum) values ('9999_unknown', 'x')`.execute(fresh.db);
  await expect(assertMigrated(fresh.db)).rejects.toThrow(/9999_unknown, which release 2 does not know/);
  await sql`delete from migrations where name = '9999_unknown'`.execute(fresh.db);
  await sql`update migrations set checksum = 'edited' where name like '0001%'`.execute(fresh.db);
  await expect(migrate(fresh.db)).rejects.toThrow(SchemaError);
  await expect(assertMigrated(fresh.db)).rejects.toThrow(/was changed after it was applied/);
});

/** Release 1 reads these with `*` in prepared statements, which always fail once the table has one more column. */
const readWhole = release === 2 ? ['accounts', 'clients', 'grants'] : [];
const expanding = readdirSync(new URL('migrations', source)).filter((file) => file >= '0008');
const read = (file: string) =>
  readFileSync(new URL(`migrations/${file}`, source), 'utf8').replaceAll(
    /^\s*--(?! (needs-release|alone|concurrently)).*$/gm,
    '',
  );

it.each(['(none yet)', ...expanding])(
  'the previous release works after each migration that does not name the release it needs: %s',
  (file) => {
    const text = file.startsWith('(') ? '' : read(file);
    const neededRelease = Number(/^-- needs-release: (\d+)$/m.exec(text)?.[1] ?? 0);
    expect(neededRelease).toBeLessThan(release); // the previous release must be able to serve after this migration
    if (neededRelease > 0) return;
    const contractions = [
      /\bdrop\s+(table|column|function|view|type|schema)\b.*/gi,
      /\brename\b.*/gi,
      /\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b.*/gi,
      /\bset\s+not\s+null\b.*/gi,
    ].flatMap((pattern) => text.match(pattern) ?? []);
    expect(contractions).toEqual([]);
    // On a table with rows, only `create index concurrently` does not block writers.
    const blocking = [
      ...text.matchAll(/\bcreate\s+(?:unique\s+)?index\s+(?!concurrently)(?:\w+\s+)?on\s+(\w+)/gi),
    ].filter(([, table = '']) => !new RegExp(`create table ${table}\\b`, 'i').test(text));
    expect(blocking.map(([statement]) => statement)).toEqual([]);
    // The check of all rows would hold the table's lock. `validate constraint`, in a later migration, takes a weaker
    // lock.
    const validating = text.split(/\badd\s+constraint\b/i).slice(1);
    expect(validating.filter((rest) => !/^[^;]*\b(not\s+valid|using\s+index)\b/i.test(rest))).toEqual([]);
    for (const table of readWhole)
      expect(text).not.toMatch(new RegExp(`alter\\s+table\\s+${table}\\b[^;]*\\badd\\s+column\\b`, 'i'));
  },
);

/** Lists the trigger functions of a migration that do nothing. */
function listEmptyTriggers(text: string): readonly string[] {
  const functions = text.matchAll(/\bfunction\s+(\w+)\(\)\s+returns\s+trigger\b[^$]*\$(\w*)\$(.*?)\$\2\$/gis);
  return [...functions].flatMap(([, name = '', , body = '']) => (/^\s*begin\s+return\b/i.test(body) ? [name] : []));
}

// The complete functions may be defined after the migration has been committed. Until then an empty trigger loses rows.
it.each(expanding.filter((file) => file >= '0049'))(
  'a migration creates no trigger function that does nothing: %s',
  (file) => {
    expect(listEmptyTriggers(read(file))).toEqual([]);
  },
);

it('finds a trigger function that does nothing', () => {
  const empty = 'create function f() returns trigger language plpgsql as $$ begin return null; end $$;';
  expect(
    listEmptyTriggers(`${empty} ${empty.replace('f()', 'g()').replace('return null', 'perform 1; return null')}`),
  ).toEqual(['f']);
});
