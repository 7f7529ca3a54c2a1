import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, migrate, openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

const rights = readFileSync(new URL('../../rights.sql', import.meta.url), 'utf8');
const paragraphs = rights.split('\n\n');

let test: TestDatabase;
let authorization: Database;
let proxy: Database;

beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  authorization = openDatabase({ url: test.urls.authorization, applicationName: 'test' });
  proxy = openDatabase({ url: test.urls.proxy, applicationName: 'test' });
  await sql`insert into accounts (id, email, password_hash) values ('account', 'a@b.example', 'hash')`.execute(test.db);
  await sql`insert into clients (id, name, metadata, registered_by) values ('client', 'c', '{}', 'operator')`.execute(
    test.db,
  );
  await sql`insert into grants (id, account_id, client_id, scope, expires_at)
    values ('grant', 'account', 'client', 's', now() + interval '1 day')`.execute(test.db);
});
afterAll(async () => {
  await Promise.all([authorization.destroy(), proxy.destroy()]);
  await test.close();
});

/** @returns the code with which PostgreSQL refuses a statement; undefined when PostgreSQL runs it */
async function attempt(db: Database, statement: string): Promise<string | undefined> {
  return sql
    .raw(statement)
    .execute(db)
    .then(
      () => undefined,
      (error: Error & { readonly code?: string }) => error.code,
    );
}

/** The SQLSTATE code `insufficient_privilege`. */
const refused = '42501';

describe('the rights file', () => {
  it('names every table, so that no table can be added without explicit rights', async () => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'S') and not relispartition
      -- the sequence of an identity column requires no right
      and not exists (select from pg_depend d where d.objid = pg_class.oid and d.deptype = 'i')`.execute(test.db);
    expect(rows.length).toBeGreaterThan(14);
    const missing = rows.filter(({ name }) => {
      const paragraph = paragraphs.find((text) => new RegExp(`^-- ${name}\\b`).test(text)) ?? '';
      return !new RegExp(`\\bon ${name} (?:to|from) `).test(paragraph);
    });
    expect(missing).toEqual([]);
  });

  it('if a role may write only some columns of a table, the rights file names every column of that table', async () => {
    const { rows } = await sql<{ name: string; columns: string[] }>`
      select c.relname as name, array_agg(a.attname::text) as columns from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and not c.relispartition
        and exists (select from pg_attribute w where w.attrelid = c.oid and w.attacl is not null)
      group by c.relname`.execute(test.db);
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['grants', 'provider_keys']));
    const missing = rows.flatMap(({ name, columns }) => {
      const paragraph = paragraphs.find((text) => new RegExp(`^-- ${name}\\b`).test(text)) ?? '';
      return columns.filter((column) => !new RegExp(`\\b${column}\\b`).test(paragraph)).map((column) => [name, column]);
    });
    expect(missing).toEqual([]);
  });

  it('names every function, and lets only the servers call it', async () => {
    const { rows } = await sql<{ name: string; callers: string[] }>`
      select p.proname as name,
        array(select grantee::regrole::text from aclexplode(p.proacl) where grantee <> p.proowner) as callers
      from pg_proc p where p.pronamespace = 'public'::regnamespace`.execute(test.db);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter(({ name }) => !rights.includes(`('${name}', `))).toEqual([]);
    const servers = ['aipassport_authorization', 'aipassport_proxy'];
    expect(rows.filter(({ callers }) => callers.some((caller) => !servers.includes(caller)))).toEqual([]);
  });

  it('fixes the search path of each function that runs as the owner', async () => {
    const { rows } = await sql<{ name: string; settings: string[] | null }>`
      select proname as name, proconfig as settings from pg_proc
      where pronamespace = 'public'::regnamespace and prosecdef`.execute(test.db);
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['admit_requests', 'settle_requests']));
    for (const { settings } of rows) expect(settings).toContain('search_path=public, pg_temp');
  });

  it('revokes all other rights at every run, and grants missing ones again', async () => {
    await sql`grant all on ledger, accounts to aipassport_proxy`.execute(test.db);
    await sql`grant update (status) on grants to aipassport_proxy`.execute(test.db);
    await sql`grant execute on all functions in schema public to public`.execute(test.db);
    await sql`revoke select on clients from aipassport_authorization`.execute(test.db);
    await migrate(test.db);
    for (const statement of ['select from accounts', 'delete from ledger', "update grants set status = 'active'"])
      expect([statement, await attempt(proxy, statement)]).toEqual([statement, refused]);
    expect(await attempt(authorization, 'select settle_dead_replicas()')).toBe(refused);
    expect(await attempt(authorization, 'select from clients')).toBeUndefined();
  });
});

const books = ['ledger', 'ledger_default', 'audit_events'];
/** Statements that change the ledger, the audit log or the schema. Only the owner may run them. */
const ownersOnly = [
  ...books.flatMap((book) => [
    `update ${book} set ${book === 'audit_events' ? 'event' : 'model'} = 'x'`,
    `delete from ${book}`,
    `truncate ${book}`,
  ]),
  'create table mine (n int)',
  'create temporary table mine (n int)',
  'create schema mine',
  'create view mine as select 1',
  'create function mine() returns int language sql as $$select 1$$',
  'create sequence mine',
  'alter table grants add column mine int',
  'create index on grants (scope)',
  'create trigger mine before insert on grants for each row execute function notify_grant_revoked()',
  'alter table revocations disable trigger all',
  'drop table attempts',
  'drop function settle_dead_replicas()',
  'alter function settle_dead_replicas() security invoker',
  'create role mine',
  'alter role aipassport_owner password null',
  'set role aipassport_owner',
  'alter default privileges for role aipassport_owner grant select on tables to public',
  'truncate grants',
  'create table mine (id text references grants (id))',
  "insert into migrations values ('mine', 'mine')",
  'delete from migrations',
  'delete from ledger_archive',
];

const authorizationMayNot = [
  ...['used_requests', 'spent', 'held', 'day_cost', 'month_cost', 'open_streams'].map(
    (counter) => `update grants set ${counter} = 0`,
  ),
  'update grants set bucket_full_at = null',
  'update grants set tokens_full_at = null',
  "insert into grants (id, account_id, client_id, scope, expires_at, spent) values ('g', 'account', 'client', '', now(), -1)",
  'update account_limits set month_cost = 0',
  'insert into account_limits select * from account_limits',
  'delete from account_limits',
  'insert into ledger select * from ledger',
  'insert into ledger_default select * from ledger_default',
  'select from ledger_default',
  'insert into reservations select * from reservations',
  'delete from reservations',
  'select from replicas',
  "insert into replicas values ('r', now())",
  'update replicas set lease_until = now()',
  'delete from replicas',
  'select settle_dead_replicas()',
  "select create_ledger_partition('2040-01-01')",
  "insert into retired_sealing_keys (id) values ('px')",
  'insert into idempotency_keys select * from idempotency_keys',
];

const limits = ['max_requests', 'max_requests_per_minute', 'max_tokens_per_minute', 'max_streams', 'max_cost'];
const proxyMayNot = [
  ...['accounts', 'owner_sessions', 'artifacts', 'attempts'].flatMap((table) => [
    `select from ${table}`,
    `delete from ${table}`,
    `insert into ${table} select * from ${table}`,
  ]),
  "update accounts set password_hash = 'x'",
  'update owner_sessions set expires_at = now()',
  ...[...limits, 'max_cost_per_day', 'max_cost_per_month'].map((limit) => `update grants set ${limit} = null`),
  "update grants set status = 'active', revoked_at = null, revoked_reason = null",
  "update grants set expires_at = now() + interval '9 years'",
  "update grants set scope = 'x'",
  'update grants set spent = 0',
  'delete from grants',
  'insert into grants select * from grants',
  'update account_limits set max_cost_per_month = 1',
  'delete from account_limits',
  'select secret_hash from clients',
  'select * from clients',
  "update clients set secret_hash = 'x'",
  'delete from clients',
  'insert into clients select * from clients',
  'delete from revocations',
  'insert into revocations select * from revocations',
  "update provider_keys set jwe = 'x'",
  'delete from provider_keys',
  'insert into ledger select * from ledger',
  'select from ledger',
  'insert into audit_events (event) values (1)',
  'delete from reservations',
  'insert into reservations select * from reservations',
  'delete from replicas',
];

describe.each([
  ['the authorization server', () => authorization, authorizationMayNot],
  ['the resource proxy', () => proxy, proxyMayNot],
] as const)('the role of %s', (_name, db, mayNot) => {
  it.each(ownersOnly)('may not, like the other server: %s', async (statement) => {
    expect(await attempt(db(), statement)).toBe(refused);
  });

  it.each(mayNot)('may not: %s', async (statement) => {
    expect(await attempt(db(), statement)).toBe(refused);
  });

  it('is not a superuser, owns nothing, and is not a member of any role', async () => {
    const { rows } = await sql`
      select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
        exists (select from pg_shdepend where refobjid = r.oid and deptype = 'o') as owns,
        exists (select from pg_auth_members where member = r.oid) as belongs
      from pg_roles r where rolname = current_user`.execute(db());
    expect(rows).toEqual([
      {
        rolsuper: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        rolbypassrls: false,
        owns: false,
        belongs: false,
      },
    ]);
  });
});

it('only the proxy may call the functions that admit and settle', async () => {
  expect(await attempt(proxy, 'select settle_dead_replicas()')).toBeUndefined();
  expect(await attempt(proxy, "select create_ledger_partition('2040-01-01')")).toBeUndefined();
  const { rows } =
    await sql`select pg_get_userbyid(relowner) as owner from pg_class where relname = 'ledger_2040_01'`.execute(
      test.db,
    );
  expect(rows).toEqual([{ owner: 'aipassport_owner' }]);
});
