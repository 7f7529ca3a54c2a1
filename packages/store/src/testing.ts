import { randomUUID } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import pg from 'pg';
import { migrate } from './database/migrate.js';
import { type Database, openDatabase } from './database/open-database.js';

export { isLong, type Result, scale, seed, tell } from './test-run.js';

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /** Runs one statement. @returns its rows */
  readonly query: <Row>(text: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Closes the pool; the database goes with its server. */
  readonly close: () => Promise<void>;
}

/**
 * A database of its own for one test file, in the server named by TEST_DATABASE_URL, migrated unless told otherwise.
 * @param serverUrl SECRET: holds a password
 */
export async function createTestDatabase(
  serverUrl: string | undefined,
  { migrated = true } = {},
): Promise<TestDatabase> {
  if (serverUrl === undefined) throw new Error('TEST_DATABASE_URL is not set; run the tests through `npm test`');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = openDatabase({
    url: url.href,
    applicationName: 'test',
    maxConnections: 5,
    connectTimeoutMilliseconds: 30_000,
  });
  if (migrated) await migrate(db);
  const query = async <Row>(text: string, parameters: readonly unknown[] = []) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
  return { url: url.href, db, query, close: () => db.destroy() };
}
