import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { assertMigrated, migrate, openDatabase, SchemaError } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let fresh: TestDatabase;
beforeAll(async () => {
  fresh = await createTestDatabase(process.env.TEST_DATABASE_URL, { migrated: false });
});
afterAll(() => fresh.close());

it('refuses to start on an empty database, and says what to do', async () => {
  await expect(assertMigrated(fresh.db)).rejects.toThrow(/lacks migration 0001.*run the migrate command/);
});

it('applies every migration once, also when several deployments start together', async () => {
  const others = [1, 2, 3].map(() => openDatabase({ url: fresh.url, applicationName: 'test' }));
  const results = await Promise.all([fresh.db, ...others].map((db) => migrate(db)));
  expect(results.filter((applied) => applied.length > 0)).toHaveLength(1);
  expect(await migrate(fresh.db)).toEqual([]);
  await assertMigrated(fresh.db);
  await Promise.all(others.map((db) => db.destroy()));
});

it('defines a function anew when its file has changed, and leaves it alone otherwise', async () => {
  const definition = async () => {
    const { rows } = await sql<{ source: string; version: string }>`
      select prosrc as source, xmin::text as version from pg_proc where proname = 'create_ledger_partition'`.execute(
      fresh.db,
    );
    return rows[0];
  };
  const current = await definition();
  await migrate(fresh.db);
  expect(await definition()).toEqual(current);

  await sql`create or replace function create_ledger_partition(first_day date) returns void language sql as ''`.execute(
    fresh.db,
  );
  await sql`update functions set checksum = 'of an older file' where name = 'create_ledger_partition'`.execute(
    fresh.db,
  );
  await migrate(fresh.db);
  expect((await definition())?.source).toBe(current?.source);
});

it('refuses a migration that was edited after it was applied', async () => {
  await sql`update migrations set checksum = 'edited' where name like '0001%'`.execute(fresh.db);
  await expect(migrate(fresh.db)).rejects.toThrow(SchemaError);
  await expect(assertMigrated(fresh.db)).rejects.toThrow(/was changed after it was applied/);
});

it('refuses a database that a newer version has migrated', async () => {
  const newer = await createTestDatabase(process.env.TEST_DATABASE_URL);
  await sql`insert into migrations (name, checksum) values ('9999_future', 'x')`.execute(newer.db);
  await expect(assertMigrated(newer.db)).rejects.toThrow(/9999_future, which this version does not know/);
  await newer.close();
});
