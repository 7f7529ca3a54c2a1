import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { summarizeInstance } from '../src/authorization/index.js';
import { migrate as migrateIn, type SchemaFolders } from '../src/database/migrate.js';
import { type Database, migrate, openDatabase, verifyUsage } from '../src/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addMigrations, keepRelease1 } from './add-migrations.js';
import { addUpAll, thisMonth } from './usage-fixtures.js';
import { waitUntil } from './wait-until.js';

const temporary = mkdtempSync(path.join(tmpdir(), 'aipassport-usage-'));
let test: TestDatabase;
let proxy: Database;
beforeEach(waitPastMidnight);
beforeEach(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false, hasRoles: false });
  proxy = openDatabase({ url: test.url, applicationName: 'proxy', maxConnections: 2 });
  await migrateIn(test.db, {}, keepRelease1(addMigrations(temporary, {})));
});
afterEach(async () => {
  await proxy.destroy();
  await test.close();
  rmSync(temporary, { recursive: true, force: true });
});

/** The migrations until the given one, without the functions, which are defined after the migrations. */
function migrationsUntil(last: string): SchemaFolders {
  const folders = addMigrations(temporary, {});
  for (const folder of Object.values(folders))
    for (const file of readdirSync(folder))
      if (folder !== folders.migrations || file.slice(0, last.length) > last) rmSync(new URL(file, folder));
  return folders;
}

/** A settled request as every release writes it. @returns when it was admitted */
async function settle(db: Database): Promise<string> {
  const { rows } = await sql<{ at: string }>`
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, catalogue_version)
    values (${randomUUID()}::uuid, clock_timestamp(), 'g', 'a', 'c', 'openai', 'm', 'o', 'reported', true, 10, 10, current_date,
      ${thisMonth()}::date, 'v') returning admitted_at::text as at`.execute(db);
  return rows[0]?.at ?? '';
}

/** Migrates while a transaction of a proxy has settled one request and settles another. */
async function migrateWhileSettling(folders: SchemaFolders): Promise<void> {
  let migrating: Promise<unknown> = Promise.resolve();
  await proxy.transaction().execute(async (transaction) => {
    await settle(transaction);
    migrating = migrateIn(test.db, {}, folders);
    migrating.catch(() => undefined);
    await waitUntil(async () => {
      const waiting = await sql`
        select from pg_locks where not granted and relation = 'ledger'::regclass
          and database = (select oid from pg_database where datname = current_database())`.execute(proxy);
      return waiting.rows.length > 0;
    });
    await settle(transaction);
  });
  await migrating;
}

async function sumOf(table: 'usage_days' | 'usage_recent'): Promise<number> {
  const { rows } = await sql<{ requests: number }>`
    select coalesce(sum(requests), 0)::int as requests from ${sql.table(table)}`.execute(test.db);
  return rows[0]?.requests ?? 0;
}

it('requests that are settled before, during and between the migrations are counted once', async () => {
  await settle(proxy);
  await migrateWhileSettling(migrationsUntil('0049'));
  expect(await sumOf('usage_days')).toBe(0);
  const late = await settle(proxy);
  expect(await sumOf('usage_days')).toBe(1);

  await migrateWhileSettling(migrationsUntil('0051'));
  expect([await sumOf('usage_days'), await sumOf('usage_recent')]).toEqual([0, 0]);
  await settle(proxy);
  expect(await sumOf('usage_recent')).toBe(1);

  await migrate(test.db);
  await settle(proxy);
  await sql`insert into ledger (request_id, corrects, admitted_at, grant_id, account_id, client_id, upstream, model, operation,
      settlement, counted, cost, estimate, day, month, catalogue_version)
    select gen_random_uuid(), request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation,
      'corrected', false, -3, estimate, day, month, catalogue_version from ledger where admitted_at = ${late}::timestamptz`.execute(
    proxy,
  );
  await addUpAll(test.db);
  const { isComplete, withKeysOf } = await summarizeInstance(test.db, thisMonth());
  expect([isComplete, withKeysOf.operator.requests, withKeysOf.owner.requests + withKeysOf.unknown.requests]).toEqual([
    true,
    0,
    8,
  ]);
  expect(await verifyUsage(test.db)).toEqual([]);
});
