import type { Readiness } from '@aipassport/contracts';
import {
  assertMigrated,
  type Database,
  moveRestoreMark,
  openWatchedDatabase,
  readInstance,
  reportWaiting,
  type WatchedDatabase,
  whenDatabaseAnswers,
} from '@aipassport/store';
import { type Accounting, openAccounting } from './admission/open-accounting.js';
import { requireDurability } from './admission/require-durability.js';
import type { Configuration } from './configuration.js';
import type { ProxyMetrics } from './metrics/proxy-metrics.js';
import type { ProxyRuntime } from './proxy-runtime.js';

/** The name of the proxy in traces and in the connections of the database. */
export const applicationName = 'aipassport-resource-proxy';

/**
 * While the database does not answer, clients get an error within three seconds: a request waits at most one second for
 * its batch, and then the statement or the connection attempt of the batch ends after these times.
 */
const statementTimeoutMilliseconds = 1_500;
const connectTimeoutMilliseconds = 2_000;

/** Creates the pool for the database. A connection is made when it is first needed. */
export function openProxyDatabase(
  configuration: Configuration,
  { log, rotatedSecrets }: ProxyRuntime,
  readiness: Readiness,
): WatchedDatabase {
  return openWatchedDatabase({
    url: configuration.databaseUrl,
    readUrl: rotatedSecrets?.readDatabaseUrl,
    applicationName,
    avoidsTableScans: true,
    restoreMark: configuration.restoreMark,
    maxConnections: configuration.databaseConnections,
    statementTimeoutMilliseconds,
    connectTimeoutMilliseconds,
    onConnectionLost: (error) => {
      readiness.discardResult();
      log.warn({ event: 'database_connection_lost', err: error });
    },
  });
}

/** Waits until the database answers, and checks its schema and its durability before any request is served. */
export function waitForDatabase(
  db: Database,
  configuration: Configuration,
  runtime: ProxyRuntime & { readonly readiness: Readiness; readonly metrics: ProxyMetrics },
): Promise<Accounting> {
  const { log, signal, readiness } = runtime;
  const prepare = async () => {
    await assertMigrated(db);
    if (configuration.restoreMark !== undefined) await moveRestoreMark(db, configuration.restoreMark);
    readiness.nameInstance(await readInstance(db));
    await requireDurability(db, configuration.acceptUnsafeDatabase);
    return openAccounting(db, configuration, runtime);
  };
  return whenDatabaseAnswers(prepare, {
    signal,
    onWaiting: reportWaiting(readiness, log),
  });
}
