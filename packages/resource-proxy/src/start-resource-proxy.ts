import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  answerHealthBefore,
  createReadiness,
  type MetricsServer,
  openTracing,
  type Readiness,
  serveMetrics,
  watchServer,
} from '@aipassport/contracts';
import { createModelCatalogue } from '@aipassport/policy';
import {
  assertMigrated,
  type Database,
  type JournalWatch,
  moveRestoreMark,
  openWatchedDatabase,
  type RestoreWatch,
  readInstance,
  reportWaiting,
  startRecordingRefusals,
  type WatchedDatabase,
  watchJournal,
  watchRestoreMark,
  whenDatabaseAnswers,
} from '@aipassport/store';
import { Agent } from 'undici';
import { type Accounting, openAccounting } from './admission/open-accounting.js';
import { requireDurability } from './admission/require-durability.js';
import type { Configuration } from './configuration.js';
import { createDependencies } from './create-dependencies.js';
import { createHttpServer, createListener } from './create-http-server.js';
import { createDialectReader } from './denials/dialect.js';
import type { ProxyDependencies } from './dependencies.js';
import { checkMilliseconds, openChecks } from './health/open-readiness.js';
import { type OpenMetrics, openMetrics } from './metrics/open-metrics.js';
import type { ProxyMetrics } from './metrics/proxy-metrics.js';
import { watchProxy } from './metrics/watch-proxy.js';
import { watchKeyTests } from './provider-keys/watch-key-tests.js';
import type { ProxyRuntime } from './proxy-runtime.js';
import { refuseUntilReady } from './refuse-until-ready.js';
import { LiveRequests } from './revocation/live-requests.js';
import { watchRevocations } from './revocation/watch-revocations.js';
import { watchBackground } from './state/background/watch-background.js';
import { stopHttpServer } from './stop-http-server.js';

export interface RunningProxy {
  /** The URL at which the proxy listens. The public URL of the proxy is `resourceProxyUrl` in the configuration. */
  readonly url: string;
  readonly port: number;
  /** The port of the metrics; undefined if they are not served. */
  readonly metricsPort: number | undefined;
  /**
   * Reports that the proxy is not ready, and serves requests for a while longer. Then it stops accepting requests, lets
   * streams go on for a bounded time, cuts the rest, and closes its database connections.
   */
  readonly close: () => Promise<void>;
}

const applicationName = 'aipassport-resource-proxy';

/**
 * While the database does not answer, clients get an error within three seconds: a request waits at most one second for
 * its batch, and then the statement or the connection attempt of the batch ends after these times.
 */
const statementTimeoutMilliseconds = 1_500;
const connectTimeoutMilliseconds = 2_000;

/**
 * Starts one resource proxy. Any number of resource proxies may run on one database, because no decision depends on
 * data that only one process has in memory. While the database cannot be reached, refuses the login of the proxy, or
 * has a schema that the proxy cannot use, the proxy listens, and refuses everything except health checks with 503.
 *
 * @returns the proxy, as soon as it serves requests
 * @throws ConfigurationError when the database may lose committed data, unless the configuration accepts that
 */
export async function startResourceProxy(configuration: Configuration, runtime: ProxyRuntime): Promise<RunningProxy> {
  const { log, now } = runtime;
  const { resourceProxyUrl: resource, trustedProxyHops } = configuration;
  const models = createModelCatalogue(configuration.priceOverrides);
  const readDialect = createDialectReader(models.upstreams);
  const counting = openMetrics(models);
  const tracing = await openTracing({ endpoint: configuration.tracesEndpoint, service: applicationName, log });
  const refuse = refuseUntilReady({ log, now, resource, readDialect, trustedProxyHops, tracing, ...counting });
  let answer = refuse;
  const readiness = createReadiness(log, checkMilliseconds);
  const server = createHttpServer(answerHealthBefore(readiness, (request, response) => answer(request, response)));
  const { db, readPool } = openProxyDatabase(configuration, runtime, readiness);
  watchServer(counting.page, { readiness, readPool });
  let metricsServer: MetricsServer | undefined;
  try {
    metricsServer = await serveMetrics(counting.page, configuration.metrics, log);
    const port = await listen(server, configuration);
    const accounting = await waitForDatabase(db, configuration, { ...runtime, ...counting, readiness });
    const restoreWatch = watchRestoreMark({ db, file: configuration.restoreMarkFile, log });
    const journalWatch = watchJournal({ db, directory: configuration.journalDirectory, log });
    const opened = {
      db,
      restoreWatch,
      journalWatch,
      accounting,
      server,
      readiness,
      models,
      readDialect,
      tracing,
      ...counting,
    };
    const { listener, close } = await openProxy(configuration, runtime, opened);
    const mustRefuse = () => restoreWatch.isRestored() || journalWatch.findProblem() !== undefined;
    answer = (request, response) => (mustRefuse() ? refuse : listener)(request, response);
    const url = `http://${configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host}:${port}`;
    log.info({ event: 'listening', url, resource, metrics_port: metricsServer?.port });
    const closeAll = async () => {
      await close();
      await Promise.all([metricsServer?.close(), tracing.close()]);
    };
    return { url, port, metricsPort: metricsServer?.port, close: closeAll };
  } catch (error) {
    server.close();
    server.closeAllConnections();
    await metricsServer?.close();
    await db.destroy();
    throw error;
  }
}

function openProxyDatabase(
  configuration: Configuration,
  { log, rotatedSecrets }: ProxyRuntime,
  readiness: Readiness,
): WatchedDatabase {
  return openWatchedDatabase({
    url: configuration.databaseUrl,
    readUrl: rotatedSecrets?.readDatabaseUrl,
    applicationName,
    reachesRowsByKey: true,
    restoreMarkFile: configuration.restoreMarkFile,
    maxConnections: configuration.databaseConnections,
    statementTimeoutMilliseconds,
    connectTimeoutMilliseconds,
    onConnectionLost: (error) => {
      readiness.doubt();
      log.warn({ event: 'database_connection_lost', err: error });
    },
  });
}

/** Waits until the database answers, and checks its schema and its durability before any request is served. */
function waitForDatabase(
  db: Database,
  configuration: Configuration,
  runtime: ProxyRuntime & { readonly readiness: Readiness; readonly metrics: ProxyMetrics },
): Promise<Accounting> {
  const { log, signal, readiness } = runtime;
  const prepare = async () => {
    await assertMigrated(db);
    if (configuration.restoreMarkFile !== undefined) await moveRestoreMark(db, configuration.restoreMarkFile);
    readiness.nameInstance(await readInstance(db));
    await requireDurability(db, configuration.acceptUnsafeDatabase);
    return openAccounting(db, configuration, runtime);
  };
  return whenDatabaseAnswers(prepare, {
    signal,
    onWaiting: reportWaiting(readiness, log),
  });
}

interface OpenParts extends OpenMetrics, Pick<ProxyDependencies, 'db' | 'models' | 'readDialect' | 'tracing'> {
  readonly restoreWatch: RestoreWatch;
  readonly journalWatch: JournalWatch;
  readonly accounting: Accounting;
  readonly server: Server;
  readonly readiness: Readiness;
}

async function openProxy(
  configuration: Configuration,
  runtime: ProxyRuntime,
  { accounting, restoreWatch, journalWatch, server, page, ...parts }: OpenParts,
): Promise<{ readonly listener: RequestListener; readonly close: () => Promise<void> }> {
  const { log, now } = runtime;
  const { db, readiness } = parts;
  const { databaseUrl, databaseDirectUrl, limits } = configuration;
  const liveRequests = new LiveRequests();
  const dispatcher = new Agent({
    // A stream occupies its connection for a long time. With HTTP/1.1 and one request at a time on each connection, no
    // request waits for a stream.
    allowH2: false,
    pipelining: 1,
    connect: { timeout: limits.connectTimeoutMilliseconds },
  });
  let stage: 'serving' | 'unready' | 'stopping' = 'serving';
  const { prices, queue: admissionQueue, settler, replicaId } = accounting;
  const deps = await createDependencies(configuration, runtime, {
    ...parts,
    dispatcher,
    liveRequests,
    prices,
    admissionQueue,
    settler,
    replicaId,
    isStopping: () => stage === 'stopping',
  });
  const watch = watchRevocations({
    db,
    databaseDirectUrl,
    readDatabaseDirectUrl: runtime.rotatedSecrets?.readDatabaseDirectUrl,
    applicationName: `${applicationName}-revocations`,
    liveRequests,
    limits,
    log,
    now,
  });
  watchProxy(page, { db, accounting, watch, liveRequests, bodyMemory: deps.bodyMemory, log });
  const background = watchBackground(deps);
  const keyTests = watchKeyTests(deps);
  const recording = startRecordingRefusals(deps);
  openChecks(readiness, {
    ...deps,
    restoreWatch,
    journalWatch,
    databaseUrl,
    accounting,
    watch,
    isUnready: () => stage !== 'serving',
  });
  const close = async () => {
    stage = 'unready';
    await sleep(limits.unreadyMilliseconds);
    stage = 'stopping';
    // No more requests are admitted. A later note would look as if the end of the journal were missing.
    await Promise.all([restoreWatch.close(), journalWatch.close()]);
    await stopHttpServer(server, liveRequests, limits.stopGraceMilliseconds);
    await Promise.all([accounting, deps.idempotencyKeys, deps.bodyWorkers, deps.keyNotes].map((part) => part.close()));
    await Promise.all([watch.close(), background.close(), keyTests.close(), recording.close()]);
    await Promise.all([dispatcher.destroy(), deps.transitEngine?.close()]);
    await db.destroy();
  };
  return { listener: createListener(deps), close };
}

async function listen(server: Server, { host, port }: Configuration): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
