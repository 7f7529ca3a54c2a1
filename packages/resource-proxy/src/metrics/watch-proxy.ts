import type { MetricsPage } from '@aipassport/contracts';
import type { Database } from '@aipassport/store';
import { readAccounting } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import type { Accounting } from '../admission/open-accounting.js';
import type { BodyMemory } from '../reading/body-memory.js';
import type { LiveRequests } from '../revocation/live-requests.js';
import type { RevocationWatch } from '../revocation/watch-revocations.js';
import type { proxyMetrics } from './proxy-metrics.js';

export interface WatchedParts {
  readonly db: Database;
  readonly accounting: Pick<Accounting, 'settler' | 'leaseAgeMilliseconds'>;
  readonly watch: Pick<RevocationWatch, 'unheardMilliseconds'>;
  readonly liveRequests: Pick<LiveRequests, 'size'>;
  readonly bodyMemory: Pick<BodyMemory, 'takenBytes' | 'totalBytes'>;
  readonly log: Logger;
}

type Page = MetricsPage<typeof proxyMetrics>;

/** Sets the gauges of a running proxy whenever the metrics are asked for. */
export function watchProxy(page: Page, parts: WatchedParts): void {
  const { accounting, watch, liveRequests, bodyMemory } = parts;
  const { instruments } = page;
  page.addReader(() => {
    const { count, oldestMilliseconds } = accounting.settler.pending();
    instruments.pendingSettlements.set({}, count);
    instruments.oldestSettlement.set({}, oldestMilliseconds / 1_000);
    instruments.leaseAge.set({}, accounting.leaseAgeMilliseconds() / 1_000);
    instruments.heartbeatAge.set({}, watch.unheardMilliseconds() / 1_000);
    instruments.liveRequests.set({}, liveRequests.size);
    instruments.bodyMemory.set({}, bodyMemory.takenBytes);
    instruments.bodyMemoryLimit.set({}, bodyMemory.totalBytes);
  });
  page.addReader(() => readState(page, parts));
}

/** While the database does not answer, its figures are unknown. */
async function readState({ instruments }: Page, { db, log }: WatchedParts): Promise<void> {
  const state = await readAccounting(db).catch((error: unknown) => {
    log.warn({ event: 'metrics_failed', err: error }, 'the metrics that are read from the database are unknown');
    return undefined;
  });
  const unknown = Number.NaN;
  instruments.reserved.set({}, state === undefined ? unknown : Number(state.reservedNanoUsd) / 1e9);
  instruments.openReservations.set({}, state?.openReservations ?? unknown);
  instruments.oldestReservation.set({}, state?.oldestSeconds ?? unknown);
  instruments.abandonedRequests.set({}, state?.abandonedRequests ?? unknown);
  instruments.misplacedRows.set({}, state?.misplacedRows ?? unknown);
}
