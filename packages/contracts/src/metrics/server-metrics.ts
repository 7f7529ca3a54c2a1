import type { Readiness } from '../health/readiness.js';
import { gauge, label } from './define-metrics.js';
import type { MetricsPage } from './metrics-page.js';

/** The metrics that both servers have. */
export const serverMetrics = {
  ready: gauge('aipassport_ready', '1 if the server can serve requests, as `/health/ready` reports; otherwise 0.'),
  databaseConnections: gauge('aipassport_database_connections', 'Connections of the pool to the database.', {
    state: label<'busy' | 'idle'>('`busy` or `idle`'),
  }),
  databaseWaiting: gauge('aipassport_database_waiting', 'Statements and transactions that wait for a connection.'),
};

/** The connections of a pool. */
export interface PoolState {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

export interface WatchedServer {
  readonly readiness: Pick<Readiness, 'read'>;
  readonly readPool: () => PoolState;
}

type Page = Pick<MetricsPage<typeof serverMetrics>, 'addReader' | 'instruments'>;

/** Sets the metrics of `serverMetrics` whenever the metrics are asked for. */
export function watchServer(page: Page, { readiness, readPool }: WatchedServer): void {
  const { ready, databaseConnections, databaseWaiting } = page.instruments;
  page.addReader(async () => {
    const { isReady } = await readiness.read();
    ready.set({}, isReady ? 1 : 0);
    const { total, idle, waiting } = readPool();
    databaseConnections.set({ state: 'busy' }, total - idle);
    databaseConnections.set({ state: 'idle' }, idle);
    databaseWaiting.set({}, waiting);
  });
}
