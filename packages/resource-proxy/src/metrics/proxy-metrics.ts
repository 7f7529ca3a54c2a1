import { counter, gauge, histogram, type Instruments, label, serverMetrics } from '@aipassport/contracts';
import type { Settlement } from '@aipassport/store/proxying';
import type { Ending } from '../exchange-result.js';
import type { ModelLabel, UpstreamLabel } from './catalogue-labels.js';
import type { StatusLabel } from './status-label.js';

const upstream = label<UpstreamLabel>('the AI provider; `none` if the path is not that of an AI provider');
const model = label<ModelLabel>(
  'the model; `other` if the catalogue does not name it, `none` if the request names none',
);

/** From the duration of a fast database statement up to the most that an admission waits for its batch and its answer. */
const statementSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** A reasoning model may send its first byte only after minutes. */
const answerSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const batchRequests = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** The metrics of the resource proxy. docs/metrics.md is made from this table. */
export const proxyMetrics = {
  ...serverMetrics,
  requests: counter('aipassport_proxy_requests_total', 'Requests that have ended.', {
    upstream,
    reason: label<Ending>('how it ended, as in the log: `answered`, or why it was refused or broken off'),
  }),
  liveRequests: gauge('aipassport_proxy_live_requests', 'Requests that are in progress.'),
  droppedFields: counter(
    'aipassport_proxy_dropped_fields_total',
    'Unknown parts of requests that were left out; at most 20 of each request are counted.',
    { upstream },
  ),
  upstreamAnswers: counter(
    'aipassport_proxy_upstream_answers_total',
    'Answers of AI providers to forwarded requests.',
    {
      upstream,
      model,
      status: label<StatusLabel>('a status of HTTP, or its class such as `2xx`; `none` if the provider gave no answer'),
    },
  ),
  firstByte: histogram(
    'aipassport_proxy_upstream_first_byte_seconds',
    'The time from sending a request to an AI provider until its answer begins. Error answers are not counted.',
    answerSeconds,
    { upstream, model },
  ),
  admission: histogram(
    'aipassport_proxy_admission_seconds',
    'How long a request waits for the verdict of the database, including the wait for its batch.',
    statementSeconds,
  ),
  admissionBatch: histogram(
    'aipassport_proxy_admission_batch_requests',
    'The number of requests that one statement of admission decides.',
    batchRequests,
  ),
  settlements: counter('aipassport_proxy_settlements_total', 'Requests whose charge was written.', {
    settlement: label<Settlement['settlement']>('how the charge was determined, as in the ledger'),
  }),
  settlementDelay: histogram(
    'aipassport_proxy_settlement_seconds',
    'The time from the end of a request until its charge is written.',
    [...statementSeconds, 5, 10, 30, 60],
  ),
  pendingSettlements: gauge('aipassport_proxy_pending_settlements', 'Ended requests whose charge is not written yet.'),
  oldestSettlement: gauge(
    'aipassport_proxy_oldest_settlement_seconds',
    'How long the oldest of the pending settlements has waited; 0 if there is none.',
  ),
  settlementFailures: counter(
    'aipassport_proxy_settlement_failures_total',
    'Statements of settlement that failed. They are tried again.',
  ),
  leaseAge: gauge(
    'aipassport_proxy_lease_age_seconds',
    'The time since this proxy last renewed its lease. After `LEASE_SECONDS`, other proxies may charge its reservations.',
  ),
  leaseLosses: counter(
    'aipassport_proxy_lease_losses_total',
    'How often this proxy lost its lease, so that its open reservations were charged in full.',
  ),
  chargedForDead: counter(
    'aipassport_proxy_dead_replica_charges_total',
    'Requests of dead proxies that this proxy charged in full.',
  ),
  lateCorrections: counter(
    'aipassport_proxy_late_corrections_total',
    'Requests whose charge this proxy corrected, after another proxy had declared this one dead and charged them in full.',
  ),
  heartbeatAge: gauge(
    'aipassport_proxy_revocation_heartbeat_age_seconds',
    'The time since the listener for revocations last received its own test notification. It sends one every second.',
  ),
  bodyMemory: gauge('aipassport_proxy_body_memory_bytes', 'Memory that request bodies occupy.'),
  bodyMemoryLimit: gauge('aipassport_proxy_body_memory_limit_bytes', 'The most memory that request bodies may occupy.'),
  reserved: gauge(
    'aipassport_reserved_usd',
    'Money that requests of all proxies have reserved; NaN if it is not known.',
  ),
  openReservations: gauge('aipassport_open_reservations', 'Admitted requests of all proxies that are not settled.'),
  oldestReservation: gauge(
    'aipassport_oldest_reservation_seconds',
    'The age of the oldest open reservation. Those of requests in the background are not counted.',
  ),
  abandonedRequests: gauge(
    'aipassport_abandoned_requests',
    'Requests of dead proxies that were charged in full within the last day, and were not corrected since.',
  ),
  misplacedRows: gauge(
    'aipassport_ledger_misplaced_rows',
    'Rows in the default partition of the ledger, counted up to 100,000. The proxies move them to the partition of their month.',
  ),
};

export type ProxyMetrics = Instruments<typeof proxyMetrics>;
