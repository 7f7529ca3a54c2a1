import { randomUUID } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import pg from 'pg';
import { buildVerifier } from './database/build-verifier.js';
import { migrate } from './database/migrate.js';
import { type Database, openDatabase } from './database/open-database.js';
import { prepareRoles, type Role, roles } from './database/roles.js';

export { describeSchema } from './describe-schema.js';
export { isLong, type Result, scale, seed, tell } from './test-run.js';

export interface TestDatabase {
  /** SECRET: the URL of a superuser. */
  readonly url: string;
  /** A connection as a superuser, which can read everything. */
  readonly db: Database;
  /** SECRET: the URLs of the three roles. A tested server gets only its own. */
  readonly urls: Readonly<Record<Role, string>>;
  /** Runs one statement. @returns its rows */
  readonly query: <Row>(text: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Closes the pool; the database goes with its server. */
  readonly close: () => Promise<void>;
}

export interface TestDatabaseOptions {
  readonly migrated?: boolean;
  /** false: one role for everything, as in a managed database */
  readonly hasRoles?: boolean;
}

/** The passwords of the roles, which all test databases share. */
const rolePassword = 'of-a-role-in-tests';
/** An arbitrary constant: one test at a time makes the roles. */
const lockKey = 7_205_759_499;

/**
 * A database of its own for one test file, in the server named by TEST_DATABASE_URL, migrated unless told otherwise.
 * @param serverUrl SECRET: holds a password
 */
export async function createTestDatabase(
  serverUrl: string | undefined,
  { migrated = true, hasRoles = true }: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  if (serverUrl === undefined) throw new Error('TEST_DATABASE_URL is not set; run the tests through `npm test`');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = openDatabase({
    url: url.href,
    applicationName: 'test',
    maxConnections: 5,
    connectTimeoutMilliseconds: 30_000,
  });
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    const verifier = buildVerifier(rolePassword);
    if (hasRoles) await prepareRoles(db, { owner: verifier, authorization: verifier, proxy: verifier });
  } finally {
    await client.end();
  }
  if (migrated) await migrate(db);
  const query = async <Row>(text: string, parameters: readonly unknown[] = []) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
  const urlOf = (role: Role) => Object.assign(new URL(url), { username: roles[role], password: rolePassword }).href;
  const urls = { owner: urlOf('owner'), authorization: urlOf('authorization'), proxy: urlOf('proxy') };
  return { url: url.href, db, urls, query, close: () => db.destroy() };
}
