import { createPriceCatalogue, type PriceCatalogue } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { checkAdmission, type OperatorKeySource } from '@aipassport/store/proxying';
import type { Configuration } from '../configuration.js';
import type { ProxyMetrics } from '../metrics/proxy-metrics.js';
import type { ProxyRuntime } from '../proxy-runtime.js';
import { AdmissionQueue } from './admission-queue.js';
import { AdmissionStatement } from './admission-statement.js';
import { createSettler, type Settler } from './create-settler.js';
import { keepLease, type LeaseEvent } from './keep-lease.js';
import { maintainLedger } from './maintain-ledger.js';
import { createWaitingLines } from './waiting-lines.js';

/** Admits requests, settles them, and knows their prices. */
export interface Accounting {
  readonly prices: PriceCatalogue;
  readonly queue: AdmissionQueue;
  readonly settler: Settler;
  /** The name of this process in the database. It changes when the process has lost its lease. */
  readonly replicaId: () => string;
  /** The time since this process last renewed its lease. */
  readonly leaseAgeMilliseconds: () => number;
  /** Checks that a request could be admitted now. @throws the reason why not */
  readonly check: () => Promise<void>;
  /** Writes the settlements that are not written yet, if the database answers in time, and ends the lease. */
  readonly close: () => Promise<void>;
}

/**
 * How long a stopping server waits for the database. If the settlement of a request is not written by then, another
 * server charges its reservation.
 */
const drainMilliseconds = 2_000;

export async function openAccounting(
  db: Database,
  configuration: Pick<
    Configuration,
    'leaseSeconds' | 'priceOverrides' | 'operatorKeys' | 'operatorKeyFiles' | 'operatorCaps' | 'limits' | 'settings'
  >,
  { log, metrics, onDatabaseTime, onFailpoint }: ProxyRuntime & { readonly metrics: ProxyMetrics },
): Promise<Accounting> {
  const { leaseSeconds, priceOverrides, operatorKeys, operatorCaps, limits } = configuration;
  const prices = createPriceCatalogue(priceOverrides);
  const openRequests = new Set<string>();
  const handedOver = new Set<string>();
  const lines = createWaitingLines();
  const settler = createSettler({
    db,
    onError: (error) => {
      metrics.settlementFailures.inc({});
      log.error(
        { event: 'settlement_failed', err: error },
        'the settlements could not be written; they are written again later',
      );
    },
    onSettled: ({ requestId, grantId, settlement }, waitedMilliseconds) => {
      openRequests.delete(requestId);
      lines.wake(grantId);
      metrics.settlements.inc({ settlement });
      metrics.settlementDelay.observe({}, waitedMilliseconds / 1_000);
    },
    onCorrected: (requests) => metrics.lateCorrections.inc({}, requests),
    onHandedOver: (requestId) => handedOver.add(requestId),
  });
  const lease = await keepLease({
    db,
    leaseSeconds,
    report: { operatorKeys: listSources(configuration), settings: configuration.settings },
    settler,
    openRequests,
    handedOver,
    onTime: onDatabaseTime,
    onEvent: (event) => {
      logLease(log, event);
      countLease(metrics, event);
    },
  });
  const maintenance = maintainLedger(db, log);
  const { version: catalogueVersion } = prices;
  const statement = new AdmissionStatement({
    db,
    lease,
    settler,
    catalogueVersion,
    openRequests,
    operatorKeys: {
      upstreams: Object.keys(operatorKeys),
      maxCostPerMonth: operatorCaps.ofAll,
      maxCostPerMonthOfAccount: operatorCaps.ofAccount,
    },
    onUnusable: (error, { grantId }) =>
      log.error(
        { event: 'grant_unusable', grant_id: grantId, err: error },
        'the database refuses to count requests of a grant',
      ),
    onBatch: (requests) => metrics.admissionBatch.observe({}, requests),
    onAnswered: (waitedMilliseconds) => metrics.admission.observe({}, waitedMilliseconds / 1_000),
    onFailpoint,
  });
  const { maxBudgetWaitMilliseconds, budgetPollMilliseconds } = limits;
  const queue = new AdmissionQueue({ statement, lines, maxBudgetWaitMilliseconds, budgetPollMilliseconds });
  const close = async () => {
    const maintenanceClosed = maintenance.close();
    const unsettled = await settler.drain(drainMilliseconds);
    if (unsettled > 0)
      log.error(
        { event: 'requests_unsettled', requests: unsettled },
        'another server will charge the reservations of these requests',
      );
    await lease.close();
    await maintenanceClosed;
  };
  return {
    prices,
    queue,
    settler,
    replicaId: lease.replicaId,
    leaseAgeMilliseconds: lease.ageMilliseconds,
    check: () => checkAdmission(db, lease.replicaId()),
    close,
  };
}

function listSources({
  operatorKeys,
  operatorKeyFiles,
}: Pick<Configuration, 'operatorKeys' | 'operatorKeyFiles'>): readonly OperatorKeySource[] {
  return Object.keys(operatorKeys).map((upstream) => ({
    upstream,
    source: operatorKeyFiles.includes(upstream) ? 'file' : 'environment',
  }));
}

function logLease(log: ProxyRuntime['log'], event: LeaseEvent): void {
  switch (event.event) {
    case 'lease_renewal_failed':
      return log.warn({ event: event.event, err: event.error }, 'the lease of this server cannot be renewed');
    case 'lease_lost':
      return log.error({ event: event.event }, 'the lease of this server ended: its reservations were charged');
    case 'late_admission_released':
      return log.warn(
        { event: event.event, ledger_id: event.requestId },
        'an admission arrived after its request had been given up, and was released',
      );
    case 'dead_replicas_settled':
      return log.warn(
        { event: event.event, requests: event.requests },
        'the reservations of a dead server were charged',
      );
  }
}

function countLease(metrics: ProxyMetrics, event: LeaseEvent): void {
  if (event.event === 'lease_lost') metrics.leaseLosses.inc({});
  if (event.event === 'dead_replicas_settled') metrics.chargedForDead.inc({}, event.requests);
}
