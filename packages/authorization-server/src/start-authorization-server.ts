import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  answerHealthBefore,
  createReadiness,
  type MetricsServer,
  openTracing,
  type Readiness,
  serveMetrics,
  type Tracing,
  watchServer,
} from '@aipassport/contracts';
import {
  assertMigrated,
  moveRestoreMark,
  openWatchedDatabase,
  RefusalCounts,
  readInstance,
  recordRefusals,
  reportWaiting,
  startRecordingRefusals,
  type WatchedDatabase,
  watchJournal,
  watchRestoreMark,
  whenDatabaseAnswers,
} from '@aipassport/store';
import type { Logger } from 'pino';
import type { Configuration, RotatedKeys } from './configuration.js';
import { checkMilliseconds, openChecks } from './health/open-readiness.js';
import { startMailing } from './mail/start-mailing.js';
import { startNoticeSearch } from './mail/start-notice-search.js';
import { openMetrics } from './metrics/open-metrics.js';
import { watchJournalMetrics } from './metrics/watch-journal-metrics.js';
import { openApplication } from './open-application.js';
import { loadScripts } from './pages/scripts.js';
import { loadStylesheet } from './pages/stylesheet.js';
import { refuseUntilReady } from './refuse-until-ready.js';
import { keepSecrets, type RotatedSecrets } from './rotated-secrets.js';
import { startAddingUp } from './start-adding-up.js';
import { startCleaning } from './start-cleaning.js';
import { openJournal } from './start-journal.js';
import { startSealing } from './start-sealing.js';

export interface RunningServer {
  /** The URL at which the server listens. Clients know the server by its issuer. */
  readonly url: string;
  readonly port: number;
  /** The port of the metrics; undefined if they are not served. */
  readonly metricsPort: number | undefined;
  /**
   * Reports the server as not ready and keeps serving for a while. Then the server accepts no more requests, finishes
   * those in progress, and closes its database connections.
   */
  readonly close: () => Promise<void>;
}

const applicationName = 'aipassport-authorization-server';

interface StartOptions {
  readonly log: Logger;
  readonly now: () => Date;
  /** Aborts the start while it waits for the database. A started server is stopped with `close`. */
  readonly signal?: AbortSignal;
  /** If it is missing, the keys of the configuration stay in use. */
  readonly rotatedKeys?: RotatedKeys;
  /** If it is missing, the identity providers, the registration token and the mail server stay as configured. */
  readonly rotatedSecrets?: RotatedSecrets;
  /** SECRET: reads the database's URL again, for the password of new connections. */
  readonly readDatabaseUrl?: () => string;
}

/** Limits how long a client can occupy a connection by sending its headers or its body slowly. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /**
   * Longer than the idle timeout of load balancers. If we closed an idle connection first, a request could get lost.
   */
  keepAliveTimeout: 75_000,
};
/** When the server stops, answers that take longer than this are cut off. */
const drainMilliseconds = 5_000;
const idleCheckMilliseconds = 25;

/**
 * Starts one authorization server. Any number of servers may share one database, because they store all state there.
 * The server listens before it can use the database. Until then it answers all requests with 503, except the liveness
 * check. It waits while the database cannot be reached, does not accept the server's login, or has a schema that the
 * server cannot use.
 *
 * @returns when the server can serve requests
 */
export async function startAuthorizationServer(
  configuration: Configuration,
  options: StartOptions,
): Promise<RunningServer> {
  const { log, now, readDatabaseUrl, signal } = options;
  const { rotatedKeys = keepKeys(configuration), rotatedSecrets = keepSecrets(configuration) } = options;
  const [stylesheet, scripts] = await Promise.all([loadStylesheet(), loadScripts()]);
  const { restoreMark } = configuration;
  const refuse = refuseUntilReady(stylesheet);
  let answer: RequestListener = refuse;
  const readiness = createReadiness(log, checkMilliseconds);
  const server = createServer(
    timeouts,
    answerHealthBefore(readiness, (request, response) => answer(request, response)),
  );
  const tracing = await openTracing({ endpoint: configuration.tracesEndpoint, service: applicationName, log });
  const { db, readPool } = openServerDatabase(configuration, { readiness, tracing, log, readDatabaseUrl });
  const page = openMetrics();
  const journal = openJournal(db, configuration, { log, metrics: page.instruments });
  watchServer(page, { readiness, readPool });
  let metricsServer: MetricsServer | undefined;
  try {
    metricsServer = await serveMetrics(page, configuration.metrics, log);
    const port = await listen(server, configuration);
    const connect = async () => {
      await assertMigrated(db);
      if (restoreMark !== undefined) await moveRestoreMark(db, restoreMark);
      await journal.begin();
      readiness.nameInstance(await readInstance(db));
    };
    await whenDatabaseAnswers(connect, { signal, onWaiting: reportWaiting(readiness, log) });
    const { readSealingKey } = rotatedKeys;
    const refusals = new RefusalCounts();
    const metrics = page.instruments;
    const foundation = {
      configuration,
      db,
      log,
      metrics,
      tracing,
      refusals,
      now,
      stylesheet,
      scripts,
      readSealingKey,
      readiness,
    };
    const application = await openApplication(foundation, { ...rotatedKeys, ...rotatedSecrets });
    const restoreWatch = watchRestoreMark({ db, mark: restoreMark, log });
    const journalWatch = watchJournal({ db, place: configuration.journal, log });
    watchJournalMetrics(page, { restoreWatch, journalWatch });
    const mustRefuse = () => restoreWatch.isRestored() || journalWatch.findProblem() !== undefined;
    answer = (request, response) => (mustRefuse() ? refuse : application.answer)(request, response);
    const url = `http://${configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host}:${port}`;
    log.info({ event: 'listening', url, issuer: configuration.issuer, metrics_port: metricsServer?.port });
    const cleaning = startCleaning(db, log);
    const addingUp = startAddingUp(db, log);
    const recording = startRecordingRefusals({ db, refusals, log, afterwards: recordRefusals });
    const writingJournal = journal.start();
    const sealing = startSealing(db, { initial: configuration.auditKeys, read: rotatedKeys.readAuditKeys }, log);
    const mailing = startMailing(foundation, {
      readCookieKeys: application.readCookieKeys,
      readMail: rotatedSecrets.readMail,
      isRestored: restoreWatch.look,
    });
    const noticeSearch = startNoticeSearch(foundation);
    let isUnready = false;
    openChecks(readiness, {
      db,
      restoreWatch,
      journalWatch,
      databaseUrl: configuration.databaseUrl,
      rotatedKeys,
      rotatedSecrets,
      isUnready: () => isUnready,
      log,
    });
    const close = async () => {
      isUnready = true;
      await sleep(configuration.unreadyMilliseconds);
      application.close();
      const tasks = [restoreWatch, journalWatch, cleaning, addingUp, sealing, mailing, noticeSearch];
      await Promise.all([...tasks.map((task) => task.close()), stopListening(server)]);
      await recording.close();
      await writingJournal.close();
      await db.destroy();
      await Promise.all([metricsServer?.close(), tracing.close()]);
    };
    return { url, port, metricsPort: metricsServer?.port, close };
  } catch (error) {
    server.close();
    server.closeAllConnections();
    await metricsServer?.close();
    await db.destroy();
    throw error;
  }
}

interface DatabaseWatchers {
  readonly readiness: Readiness;
  readonly tracing: Tracing;
  readonly log: Logger;
  readonly readDatabaseUrl: (() => string) | undefined;
}

function openServerDatabase(
  { databaseUrl: url, restoreMark }: Configuration,
  { readiness, tracing, log, readDatabaseUrl }: DatabaseWatchers,
): WatchedDatabase {
  return openWatchedDatabase({
    url,
    readUrl: readDatabaseUrl,
    applicationName,
    restoreMark,
    onStatement: tracing.onStatement,
    onConnectionLost: (error) => {
      readiness.discardResult();
      log.warn({ event: 'database_connection_lost', err: error });
    },
  });
}

function keepKeys({ signingKeys, idTokenKeys, cookieKeys, sealingKey, auditKeys }: Configuration): RotatedKeys {
  return {
    readSigningKeys: () => signingKeys,
    readIdTokenKeys: () => idTokenKeys,
    readCookieKeys: () => cookieKeys,
    readSealingKey: () => sealingKey,
    readAuditKeys: () => auditKeys,
  };
}

async function listen(server: Server, { host, port }: Configuration): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Closes each kept-alive connection when it is idle after an answer. If it stayed open until the deadline, it could
  // be cut in the middle of a new request.
  const closing = setInterval(() => server.closeIdleConnections(), idleCheckMilliseconds);
  const deadline = setTimeout(() => server.closeAllConnections(), drainMilliseconds);
  await closed;
  clearInterval(closing);
  clearTimeout(deadline);
}
