import type { RequestListener, Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '@aipassport/contracts';
import { type JournalWatch, type RestoreWatch, startRecordingRefusals } from '@aipassport/store';
import { Agent } from 'undici';
import type { Accounting } from './admission/open-accounting.js';
import type { Configuration } from './configuration.js';
import { createDependencies } from './create-dependencies.js';
import { createListener } from './create-http-server.js';
import type { ProxyDependencies } from './dependencies.js';
import { openChecks } from './health/open-readiness.js';
import type { OpenMetrics } from './metrics/open-metrics.js';
import { watchProxy } from './metrics/watch-proxy.js';
import { applicationName } from './open-proxy-database.js';
import { watchKeyTests } from './provider-keys/watch-key-tests.js';
import type { ProxyRuntime } from './proxy-runtime.js';
import { LiveRequests } from './revocation/live-requests.js';
import { watchRevocations } from './revocation/watch-revocations.js';
import { watchBackground } from './state/background/watch-background.js';
import { stopHttpServer } from './stop-http-server.js';

interface OpenParts extends OpenMetrics, Pick<ProxyDependencies, 'db' | 'models' | 'readDialect' | 'tracing'> {
  readonly restoreWatch: RestoreWatch;
  readonly journalWatch: JournalWatch;
  readonly accounting: Accounting;
  readonly server: Server;
  readonly readiness: Readiness;
}

/** Called once the database has answered. Opens the parts that serve requests, and the tasks in the background. */
export async function openProxy(
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
    secretFiles: configuration.secretFiles,
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
    // No more requests are admitted, so this server stops noting when it saw the database. If it noted a time after the
    // last batch of the journal, the end of the journal would seem to be missing.
    await Promise.all([restoreWatch.close(), journalWatch.close()]);
    await stopHttpServer(server, liveRequests, limits.stopGraceMilliseconds);
    await Promise.all(
      [accounting, deps.idempotencyKeys, deps.bodyWorkers, deps.keyRefusals].map((part) => part.close()),
    );
    await Promise.all([watch.close(), background.close(), keyTests.close(), recording.close()]);
    await Promise.all([dispatcher.destroy(), deps.transitEngine?.close()]);
    await db.destroy();
  };
  return { listener: createListener(deps), close };
}
