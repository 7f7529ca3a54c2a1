import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { buildVerifier } from '../src/database/build-verifier.js';
import { migrate as migrateIn } from '../src/database/migrate.js';
import { migrate, prepareRoles } from '../src/index.js';
import { createTestDatabase, describeSchema, type TestDatabase } from '../src/testing.js';
import { addMigrations, keepRelease1 } from './add-migrations.js';

const source = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, source), 'utf8');
/** The file without its header, which is the first paragraph. */
const schemaFile = read('schema.sql').replace(/^(--.*\n)+\n/, '');
const temporary = mkdtempSync(path.join(tmpdir(), 'aipassport-schema-'));

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(async () => {
  await test.close();
  rmSync(temporary, { recursive: true, force: true });
});

/** @throws with the lines that only one of the two texts has */
function expectSame(expected: string, actual: string, advice: string): void {
  if (expected === actual) return;
  const [before, after] = [expected.split('\n'), actual.split('\n')];
  const missing = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  throw new Error([advice, ...missing, ...added].join('\n'));
}

it('describes a new database in schema.sql', async () => {
  const advice = 'packages/store/schema.sql is not current. Run `npm run update:schema`. What has changed:';
  expectSame(schemaFile, await describeSchema(test.db), advice);
});

it('gives a database of release 1 the same schema as a new one', async () => {
  const folders = keepRelease1(addMigrations(temporary, {}));
  const options = { migrated: false, hasRoles: false };
  const upgraded = await createTestDatabase(process.env['TEST_DATABASE_URL'], options);
  try {
    await migrateIn(upgraded.db, {}, folders);
    const verifier = buildVerifier('of-a-role-in-tests');
    await prepareRoles(upgraded.db, { owner: verifier, authorization: verifier, proxy: verifier });
    await migrate(upgraded.db);
    expectSame(schemaFile, await describeSchema(upgraded.db), 'The upgraded schema differs from schema.sql:');
  } finally {
    await upgraded.close();
  }
});

it('keeps the definition of each function in one file of functions/, which is named after it', async () => {
  const { rows } = await sql<{ name: string; body: string }>`
    select proname as name, prosrc as body from pg_proc where pronamespace = 'public'::regnamespace`.execute(test.db);
  const files = readdirSync(new URL('functions', source)).map((file) => ({ file, text: read(`functions/${file}`) }));
  expect(rows.length).toBe(files.length);
  for (const { name, body } of rows) {
    expect(body.length).toBeGreaterThan(0);
    const defining = files.filter(({ text }) => text.includes(body)).map(({ file }) => file);
    expect([name, defining]).toEqual([name, [expect.stringMatching(`^${name}(_of_previous_release)?\\.sql$`)]]);
  }
});

it.each([
  'alter table grants add column more text',
  'alter table grants alter column scope drop not null',
  "alter table grants alter column scope set default 'x'",
  'alter table grants drop constraint grants_status',
  'alter table grants rename constraint grants_status to grants_state',
  'alter table grants reset (fillfactor)',
  'alter table ledger_default add constraint more check (cost < 5)',
  'drop index grants_client',
  'create index more on ledger_default (cost)',
  'alter table revocations disable trigger notify_grant_revoked',
  'revoke select on grants from aipassport_proxy',
  'grant update (spent) on grants to aipassport_proxy',
  'grant select on attempts to public',
  'grant create on schema public to aipassport_proxy',
  'grant execute on function repair_grant(text) to public',
  'alter function settle_dead_replicas security invoker',
  "alter function repair_grant set lock_timeout = '1s'",
  'create view more as select 1 as one',
  'create sequence more',
  "create type more as enum ('a')",
  'alter table attempts owner to aipassport_proxy',
])('is visible in the description of the schema: %s', async (statement) => {
  const undo = new Error('undo');
  let described = '';
  const changing = test.db.transaction().execute(async (transaction) => {
    await sql.raw(statement).execute(transaction);
    described = await describeSchema(transaction);
    throw undo;
  });
  await expect(changing).rejects.toBe(undo);
  expect(described).not.toBe(schemaFile);
  expect(described.length).toBeGreaterThan(schemaFile.length / 2);
});
