import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  answerHealthBefore,
  createReadiness,
  type MetricsServer,
  openTracing,
  serveMetrics,
  watchServer,
} from '@aipassport/contracts';
import { createModelCatalogue } from '@aipassport/policy';
import { watchJournal, watchRestoreMark } from '@aipassport/store';
import type { Configuration } from './configuration.js';
import { createHttpServer } from './create-http-server.js';
import { createDialectReader } from './denials/dialect.js';
import { checkMilliseconds } from './health/open-readiness.js';
import { openMetrics } from './metrics/open-metrics.js';
import { openProxy } from './open-proxy.js';
import { applicationName, openProxyDatabase, waitForDatabase } from './open-proxy-database.js';
import type { ProxyRuntime } from './proxy-runtime.js';
import { refuseUntilReady } from './refuse-until-ready.js';

export interface RunningProxy {
  /** The URL at which the proxy listens. The public URL of the proxy is `resourceProxyUrl` in the configuration. */
  readonly url: string;
  readonly port: number;
  /** The port of the metrics; undefined if they are not served. */
  readonly metricsPort: number | undefined;
  /**
   * Reports that the proxy is not ready, and serves requests for a while longer. Then it stops accepting requests, lets
   * streams continue for a bounded time, cuts the rest, and closes its database connections.
   */
  readonly close: () => Promise<void>;
}

/**
 * Starts one resource proxy. Any number of resource proxies may run on one database, because the limits of grants, the
 * idempotency keys and the used proofs are checked in the database. While the database cannot be reached, refuses the
 * login of the proxy, or has a schema that the proxy cannot use, the proxy listens, and refuses everything except
 * health checks with 503. It does the same later, while the database is a restored backup or no server writes the
 * journal.
 *
 * @returns the proxy, as soon as it serves requests
 * @throws ConfigurationError when the database may lose committed data, unless the configuration accepts that
 */
export async function startResourceProxy(configuration: Configuration, runtime: ProxyRuntime): Promise<RunningProxy> {
  const { log, now } = runtime;
  configuration.secretFiles.reportTo(log);
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
    const restoreWatch = watchRestoreMark({ db, mark: configuration.restoreMark, log });
    const journalWatch = watchJournal({ db, place: configuration.journal, log });
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

async function listen(server: Server, { host, port }: Configuration): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
