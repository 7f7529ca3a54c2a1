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
