import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Database, openDatabase } from '@aipassport/store';
import { DirectoryInUse } from '../data/lock-directory.js';
import { withDataDirectory } from '../data/with-data-directory.js';
import type { LauncherEnvironment } from '../environment.js';
import { withPostgres } from '../postgres/with-postgres.js';

type Work<T> = (db: Database) => Promise<T>;

interface WorkOptions {
  /** By default there is no limit: a command may have to read every row of a large table. */
  readonly statementTimeoutMilliseconds?: number;
}

/**
 * Runs an operator's command on the database that DATABASE_URL names, or else on the database in the data directory.
 * The database in the data directory is started while the command runs, unless `start` is already running it.
 */
export async function withDatabase<T>(
  environment: LauncherEnvironment,
  work: Work<T>,
  options: WorkOptions = {},
): Promise<T> {
  const { AIPASSPORT_DATA: data, DATABASE_URL: url } = environment;
  if (url !== undefined) return withDatabaseUrl(url, work, options);
  try {
    return await withDataDirectory(data, (directory) =>
      withPostgres({ directory, durable: true }, (postgres) => withDatabaseUrl(postgres.url, work, options)),
    );
  } catch (error) {
    const runningUrl = error instanceof DirectoryInUse ? findRunningPostgres(path.resolve(data)) : undefined;
    if (runningUrl === undefined) throw error;
    return withDatabaseUrl(runningUrl, work, options);
  }
}

/** Runs the work on the database with this URL. */
export async function withDatabaseUrl<T>(url: string, work: Work<T>, options: WorkOptions = {}): Promise<T> {
  const { statementTimeoutMilliseconds = 0 } = options;
  const db = openDatabase({
    url,
    applicationName: 'aipassport operator',
    maxConnections: 2,
    statementTimeoutMilliseconds,
  });
  try {
    return await work(db);
  } catch (error) {
    throw explainDenial(error);
  } finally {
    await db.destroy();
  }
}

/** SQLSTATE 42501 is insufficient_privilege: the command has to run as the owner, not as a server's role. */
function explainDenial(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '42501')) return error;
  const advice =
    'Only the owner of the database may do this: with compose, run `docker compose run --rm operator <command>`';
  return new Error(`${error.message}. ${advice}; elsewhere, set DATABASE_URL to the owner’s URL.`, { cause: error });
}

/** @returns the URL of the PostgreSQL that runs in this data directory; undefined when none runs */
function findRunningPostgres(directory: string): string | undefined {
  const pidFile = path.join(directory, 'postgres', 'postmaster.pid');
  if (!existsSync(pidFile)) return undefined;
  const port = readFileSync(pidFile, 'utf8').split('\n')[3]; // the fourth line contains the port
  const password = readFileSync(path.join(directory, 'postgres.password'), 'utf8');
  return port === undefined ? undefined : `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}
