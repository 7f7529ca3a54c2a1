import type { Readiness, Tracing } from '@aipassport/contracts';
import type { Database, RefusalCounts } from '@aipassport/store';
import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import type { AdmissionQueue } from './admission/admission-queue.js';
import type { Settler } from './admission/create-settler.js';
import type { ClientOrigins } from './cors/client-origins.js';
import type { CountGate } from './counting/count-gate.js';
import type { DialectReader } from './denials/dialect.js';
import type { OnFailpoint } from './failpoint.js';
import type { AnswerDrains } from './forwarding/answer-drains.js';
import type { IdempotencyKeys } from './idempotency-keys.js';
import type { TokenIntrospector } from './introspection/token-introspector.js';
import type { ProxyLimits } from './limits.js';
import type { CatalogueLabels } from './metrics/catalogue-labels.js';
import type { ProxyMetrics } from './metrics/proxy-metrics.js';
import type { BodyWorkers } from './preparing/body-workers.js';
import type { BodyRules } from './preparing/prepare-call.js';
import type { ProofVerifier } from './proofs/proof-verifier.js';
import type { KeyRefusalRecorder } from './provider-keys/key-refusal-recorder.js';
import type { ProviderKeys } from './provider-keys/provider-keys.js';
import type { BodyMemory } from './reading/body-memory.js';
import type { OpenGrants } from './reading/open-grants.js';
import type { LiveRequests } from './revocation/live-requests.js';
import type { RecordObjects } from './state/state-register.js';
import type { OperationTable } from './steps/match-operation.js';

/**
 * Everything that a request needs. `createDependencies` puts it together once, at the start. It is passed to every
 * step.
 */
export interface ProxyDependencies extends BodyRules {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: ProxyMetrics;
  readonly tracing: Tracing;
  /** The values of the metrics' labels for upstreams and models. */
  readonly labels: CatalogueLabels;
  /** Milliseconds since the epoch, by the clock of this process. */
  readonly now: () => number;
  /** Public URL of this proxy: the audience of its tokens. */
  readonly resource: string;
  readonly issuer: string;
  /** The number of reverse proxies in front of this server that append to `X-Forwarded-For`. */
  readonly trustedProxyHops: number;
  readonly operationTable: OperationTable;
  readonly readDialect: DialectReader;
  readonly limits: ProxyLimits;
  readonly introspector: TokenIntrospector;
  readonly proofVerifier: ProofVerifier;
  readonly providerKeys: ProviderKeys;
  readonly keyRefusals: KeyRefusalRecorder;
  readonly refusals: RefusalCounts;
  readonly bodyMemory: BodyMemory;
  readonly bodyWorkers: BodyWorkers;
  readonly counts: CountGate;
  readonly openGrants: OpenGrants;
  readonly liveRequests: LiveRequests;
  readonly admissionQueue: AdmissionQueue;
  readonly settler: Settler;
  /** Records what vendors store for grants. */
  readonly recordObjects: RecordObjects;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly origins: ClientOrigins;
  /** The answers that are still read after their clients have left. */
  readonly drains: AnswerDrains;
  /** Connections to the upstreams. */
  readonly dispatcher: Dispatcher;
  /** `discardResult` is called when a request fails because something that all requests need is unavailable. */
  readonly readiness: Pick<Readiness, 'discardResult'>;
  /** Whether the server is stopping and accepts no more requests. */
  readonly isStopping: () => boolean;
  readonly onFailpoint: OnFailpoint | undefined;
}
