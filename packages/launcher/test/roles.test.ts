import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { type Postgres, startPostgres } from '../src/postgres/start-postgres.js';
import { useTemporaryDirectories } from './temporary-directory.js';

// Roles belong to a whole PostgreSQL server, so this file starts its own, and each test begins without our roles.
let postgres: Postgres;
afterAll(() => postgres.stop());
const makeClusterDirectory = useTemporaryDirectories(afterAll);
beforeAll(async () => {
  postgres = await startPostgres({ directory: makeClusterDirectory(), durable: false });
});

const makeDirectory = useTemporaryDirectories();
/** The superuser's URL of an empty database. */
let superuserUrl: string;
let secrets: string;
beforeEach(async () => {
  secrets = path.join(makeDirectory(), 'secrets');
  await query(postgres.url, 'create database test');
  superuserUrl = Object.assign(new URL(postgres.url), { pathname: '/test' }).href;
});
afterEach(async () => {
  for (const database of ['test', 'aipassport', 'other'])
    await query(postgres.url, `drop database if exists ${database} with (force)`);
  const made = await query(postgres.url, "select rolname from pg_roles where rolname ~ '^(aipassport|admin)'");
  for (const { rolname } of made) await query(postgres.url, `drop role ${rolname}`);
});

const readFile = (file: string) => readFileSync(file, 'utf8');

/** Runs one command line in this process. */
async function run(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  onLine: (line: string) => void = () => undefined,
): Promise<string> {
  const lines: string[] = [];
  const environment = launcherEnvironment.read({ variables, readFile });
  const print = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  await createProgram({ environment, variables, print, now: () => new Date() }).parseAsync([
    'node',
    'aipassport',
    ...args,
  ]);
  return lines.join('\n');
}

async function query(url: string, text: string): Promise<readonly pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<pg.QueryResultRow>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Runs the jobs that the compose file runs at `up`. */
async function bringUp(url: string, onLine?: (line: string) => void): Promise<void> {
  const database = Object.assign(new URL(url), { password: '' }).href;
  await run(['keys', 'init', '--directory', secrets, '--database', database], {});
  await run(['prepare-roles', '--directory', secrets], { DATABASE_URL: url }, onLine);
  await run(['init'], {
    DATABASE_URL_FILE: path.join(secrets, 'owner/database-url'),
    PROXY_CLIENT_SECRET_FILE: path.join(secrets, 'resource-proxy/client-secret'),
  });
}

const urlOf = (server: string) => readFile(path.join(secrets, server, 'database-url'));
const owners = `select distinct pg_get_userbyid(relowner) as owner from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S')
  union select distinct pg_get_userbyid(proowner) from pg_proc where pronamespace = 'public'::regnamespace`;

it('makes three roles, each with its own password; all tables and functions belong to aipassport_owner', async () => {
  await bringUp(superuserUrl);
  const urls = { authorization: urlOf('authorization-server'), proxy: urlOf('resource-proxy'), owner: urlOf('owner') };
  for (const [role, url] of Object.entries(urls))
    expect(await query(url, 'select current_user as role')).toEqual([{ role: `aipassport_${role}` }]);
  expect(await query(urls.owner, owners)).toEqual([{ owner: 'aipassport_owner' }]);
  expect(await query(urls.owner, "select rolname from pg_roles where rolsuper and rolname like 'aipassport%'")).toEqual(
    [],
  );
  await expect(query(urls.proxy, 'select from accounts')).rejects.toThrow('permission denied for table accounts');
  await expect(query(urls.authorization, 'delete from ledger')).rejects.toThrow('permission denied for table ledger');
  // the jobs run again at every `up`
  await bringUp(superuserUrl);
  expect(await query(urls.proxy, 'select count(*)::int as open from reservations')).toEqual([{ open: 0 }]);
});

it('prepare-roles sets the passwords of new secrets, and earlier passwords are then refused, as the rotation with CloudNativePG needs', async () => {
  await bringUp(superuserUrl);
  const servers = ['owner', 'authorization-server', 'resource-proxy'];
  const earlier = servers.map(urlOf);
  secrets = path.join(makeDirectory(), 'new-secrets');
  await bringUp(superuserUrl);
  for (const url of servers.map(urlOf)) expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  for (const url of earlier) await expect(query(url, 'select 1')).rejects.toThrow('password authentication failed');
});

it('moves a deployment from one superuser to three roles with all its data, and back to one role', async () => {
  await query(postgres.url, "create role aipassport superuser login password 'as-it-was'");
  const old = Object.assign(new URL(postgres.url), {
    username: 'aipassport',
    password: 'as-it-was',
    pathname: '/aipassport',
  });
  await query(postgres.url, 'create database aipassport owner aipassport');
  await run(['migrate'], { DATABASE_URL: old.href });
  await run(['accounts', 'create', 'kept@example.com'], { DATABASE_URL: old.href });
  // a server of the earlier version that stays connected
  const server = new pg.Client({ connectionString: old.href });
  await server.connect();
  await server.query('begin; select from accounts');

  const waits: string[] = [];
  await bringUp(old.href, (line) => {
    if (!line.startsWith('Something holds what is to be changed') || waits.push(line) > 1) return;
    void server.query('commit');
  });
  expect(waits).not.toEqual([]);
  expect(await query(old.href, owners)).toEqual([{ owner: 'aipassport_owner' }]);
  expect(await query(urlOf('authorization-server'), 'select email from accounts')).toEqual([
    { email: 'kept@example.com' },
  ]);
  await expect(query(urlOf('resource-proxy'), 'select from accounts')).rejects.toThrow('permission denied');
  await server.query("update accounts set time_zone = 'Asia/Tokyo'");
  await server.end();

  await run(['keys', 'init', '--directory', secrets, '--one-role', '--database', old.href], {});
  for (const name of ['authorization-server', 'resource-proxy'])
    expect(new URL(urlOf(name)).username).toBe('aipassport');
});

it('an external database needs no superuser: the commands work with a database owner that may create roles', async () => {
  await query(postgres.url, "create role admin createrole createdb login password 'of-the-admin'");
  await query(postgres.url, 'create database aipassport owner admin');
  const admin = Object.assign(new URL(postgres.url), {
    username: 'admin',
    password: 'of-the-admin',
    pathname: '/aipassport',
  });
  await run(['migrate'], { DATABASE_URL: admin.href });
  await bringUp(admin.href);
  await bringUp(admin.href);
  expect(await query(urlOf('owner'), owners)).toEqual([{ owner: 'aipassport_owner' }]);
  await expect(query(urlOf('authorization-server'), 'select from replicas')).rejects.toThrow('permission denied');
});

it('refuses a role that has more rights than it needs', async () => {
  await query(postgres.url, 'create role aipassport_proxy superuser');
  await expect(bringUp(superuserUrl)).rejects.toThrow('The role aipassport_proxy has more rights than it needs.');
  await query(postgres.url, 'alter role aipassport_proxy nosuperuser; grant pg_read_all_data to aipassport_proxy');
  await expect(bringUp(superuserUrl)).rejects.toThrow('The role aipassport_proxy is a member of another role');
});

it('commands work with one role in a database that was not prepared, and give other roles no rights there', async () => {
  await bringUp(superuserUrl);
  await query(postgres.url, 'create database other');
  const other = Object.assign(new URL(postgres.url), { pathname: '/other' }).href;
  await run(['migrate'], { DATABASE_URL: other });
  await run(['accounts', 'create', 'ada@example.com'], { DATABASE_URL: other });
  const proxyElsewhere = Object.assign(new URL(urlOf('resource-proxy')), { pathname: '/other' }).href;
  await expect(query(proxyElsewhere, 'select from grants')).rejects.toThrow('permission denied');
});

it('if a server’s role may not run a command, the error says how to run it', async () => {
  await bringUp(superuserUrl);
  const asServer = { DATABASE_URL_FILE: path.join(secrets, 'authorization-server/database-url') };
  await expect(run(['verify-ledger'], asServer)).rejects.toThrow(/permission denied.*docker compose run --rm operator/);
  await expect(run(['migrate'], asServer)).rejects.toThrow(/permission denied.*docker compose run --rm operator/);
  expect(await run(['accounts', 'create', 'ada@example.com'], asServer)).toContain('was created');
  const asOwner = { DATABASE_URL_FILE: path.join(secrets, 'owner/database-url') };
  expect(await run(['verify-ledger'], asOwner)).toContain('agrees with the ledger');
});

it('`doctor` names each server that connects as a superuser or as the owner of the tables', async () => {
  await bringUp(superuserUrl);
  const server = (url: string, name: string) => new pg.Client({ connectionString: url, application_name: name });
  const sessions = [
    server(superuserUrl, 'aipassport-resource-proxy'),
    server(urlOf('owner'), 'aipassport-authorization-server'),
  ];
  for (const session of sessions) await session.connect();
  const lines: string[] = [];
  const variables = { DATABASE_URL: urlOf('authorization-server') };
  const environment = launcherEnvironment.read({ variables, readFile });
  const program = createProgram({ environment, variables, print: (line) => lines.push(line), now: () => new Date() });
  await expect(program.parseAsync(['node', 'aipassport', 'doctor'])).rejects.toThrow('found a fault');
  for (const session of sessions) await session.end();
  expect(lines).toContain(
    'NOT OK  database: the resource proxy connects as the role postgres, a superuser: see docs/operations.md, Roles',
  );
  expect(lines).toContain(
    'NOT OK  database: the authorization server connects as the role aipassport_owner, which owns the tables: see docs/operations.md, Roles',
  );
});
