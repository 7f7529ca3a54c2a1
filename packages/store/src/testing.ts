import { randomUUID } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import pg from 'pg';
import { buildVerifier } from './database/build-verifier.js';
import { isDatabaseUnavailable } from './database/is-database-unavailable.js';
import { migrate } from './database/migrate.js';
import { type Database, openDatabase } from './database/open-database.js';
import { prepareRoles, type Role, roles } from './database/roles.js';
import { runDatabase } from './test-run.js';

export { listMigrations } from './database/sql-files.js';
export { describeSchema } from './describe-schema.js';
export { Backup, queryAsSuperuser } from './test-backup.js';
export { EventRefusal } from './test-events.js';
export { isLong, type Result, reportResult, scale, seed } from './test-run.js';
export { waitForLocks } from './wait-for-locks.js';
export { waitPastMidnight } from './wait-past-midnight.js';

export interface TestDatabase {
  /** SECRET: the URL of a superuser. */
  readonly url: string;
  /** A connection as a superuser, which can read everything. */
  readonly db: Database;
  /** SECRET: the URLs of the three roles. A tested server gets only its own. */
  readonly urls: Readonly<Record<Role, string>>;
  /** Runs one statement. @returns its rows */
  readonly query: <Row>(text: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Closes the pool and drops the database. */
  readonly close: () => Promise<void>;
}

export interface TestDatabaseOptions {
  readonly migrated?: boolean;
  /** false: one role does everything in the database, as may be the case in a managed database */
  readonly hasRoles?: boolean;
}

/** The passwords of the roles, which all test databases share. */
const rolePassword = 'of-a-role-in-tests';
/** An arbitrary constant. With this lock, only one test at a time creates the roles. */
const lockKey = 7_205_759_499;

/**
 * Creates a database for one test file. It is migrated unless the options say otherwise.
 * @param serverUrl SECRET: holds a password. The value of TEST_DATABASE_URL; undefined throws
 */
export async function createTestDatabase(
  serverUrl: string | undefined,
  { migrated = true, hasRoles = true }: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  if (serverUrl === undefined) throw new Error('TEST_DATABASE_URL is not set; run the tests through `npm test`');
  const name = inventName();
  const template = migrated && hasRoles ? findTemplate(serverUrl) : undefined;
  if (template === undefined) await makeDatabase(serverUrl, name, { migrated, hasRoles });
  else await copyDatabase(serverUrl, name, template);
  const { url, db } = open(serverUrl, name);
  const query = createQuery(db);
  const urlOf = (role: Role) => Object.assign(new URL(url), { username: roles[role], password: rolePassword }).href;
  const urls = { owner: urlOf('owner'), authorization: urlOf('authorization'), proxy: urlOf('proxy') };
  const close = async () => {
    await db.destroy();
    await dropTestDatabase(serverUrl, name);
  };
  return { url, db, urls, query, close };
}

/** Makes the function `query` of a test database. */
export function createQuery(db: Database): TestDatabase['query'] {
  return async <Row>(text: string, parameters: readonly unknown[] = []) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
}

/**
 * Creates the migrated database that the test files of a run copy. A copy is faster than a migration.
 * @returns its name, for TEST_DATABASE_TEMPLATE
 */
export async function createTestTemplate(serverUrl: string): Promise<string> {
  const name = inventName();
  await makeDatabase(serverUrl, name, { migrated: true, hasRoles: true });
  return name;
}

/** Drops the database, even while it has connections. Does not fail when the server has already stopped. */
export async function dropTestDatabase(serverUrl: string, name: string): Promise<void> {
  try {
    await withServer(serverUrl, (server) => server.query(`drop database if exists ${name} with (force)`));
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
  }
}

const inventName = () => `test_${randomUUID().replaceAll('-', '')}`;

/** The template is in the server of the whole run. A server that a test starts itself has no template. */
function findTemplate(serverUrl: string): string | undefined {
  return serverUrl === runDatabase.serverUrl ? runDatabase.template : undefined;
}

async function makeDatabase(serverUrl: string, name: string, options: Required<TestDatabaseOptions>): Promise<void> {
  await withServer(serverUrl, async (server) => {
    await server.query(`create database ${name}`);
    const { db } = open(serverUrl, name);
    try {
      await server.query('select pg_advisory_lock($1)', [lockKey]);
      const verifier = buildVerifier(rolePassword);
      if (options.hasRoles) await prepareRoles(db, { owner: verifier, authorization: verifier, proxy: verifier });
      await server.query('select pg_advisory_unlock($1)', [lockKey]);
      if (options.migrated) await migrate(db);
    } finally {
      await db.destroy();
    }
  });
}

/**
 * Copies the template. PostgreSQL copies the tables with their rights, but neither the owner of the database nor the
 * rights to it, so these are set here.
 */
async function copyDatabase(serverUrl: string, name: string, template: string): Promise<void> {
  await withServer(serverUrl, async (server) => {
    await server.query(`create database ${name} template ${template} owner ${roles.owner} strategy file_copy`);
    await server.query(
      `update pg_database set datacl = (select datacl from pg_database where datname = $1) where datname = $2`,
      [template, name],
    );
  });
}

async function withServer(serverUrl: string, use: (server: pg.Client) => Promise<unknown>): Promise<void> {
  const server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  try {
    await use(server);
  } finally {
    await server.end();
  }
}

function open(serverUrl: string, name: string): { readonly url: string; readonly db: Database } {
  const { href: url } = Object.assign(new URL(serverUrl), { pathname: `/${name}` });
  const db = openDatabase({ url, applicationName: 'test', maxConnections: 5, connectTimeoutMilliseconds: 30_000 });
  return { url, db };
}

export { type BucketFault, BucketStub } from './test-bucket.js';
