import { RefusalCounts } from '@aipassport/store';
import type { Configuration } from './configuration.js';
import { ClientOrigins } from './cors/client-origins.js';
import { CountGate } from './counting/count-gate.js';
import type { ProxyDependencies } from './dependencies.js';
import { AnswerDrains } from './forwarding/answer-drains.js';
import type { ReadinessChecks } from './health/open-readiness.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { createAuthorizationServer } from './introspection/authorization-server.js';
import { SigningKeys } from './introspection/signing-keys.js';
import { TokenIntrospector } from './introspection/token-introspector.js';
import { BodyWorkers } from './preparing/body-workers.js';
import { createRequestRules } from './preparing/request-rules.js';
import { ProofVerifier } from './proofs/proof-verifier.js';
import { KeyRefusalRecorder } from './provider-keys/key-refusal-recorder.js';
import { ProviderKeys } from './provider-keys/provider-keys.js';
import { SealingKeys, type SealingKeysFile } from './provider-keys/sealing-keys.js';
import { TransitEngine } from './provider-keys/transit-engine.js';
import type { ProxyRuntime } from './proxy-runtime.js';
import { BodyMemory } from './reading/body-memory.js';
import { OpenGrants } from './reading/open-grants.js';
import { createStateRegister } from './state/state-register.js';
import { createOperationTable } from './steps/match-operation.js';

type Checked = Pick<ReadinessChecks, 'authorizationServer' | 'signingKeys' | 'sealingKeysFile' | 'transitEngine'>;
type Shared = Pick<
  ProxyDependencies,
  | 'db'
  | 'metrics'
  | 'tracing'
  | 'labels'
  | 'models'
  | 'readDialect'
  | 'dispatcher'
  | 'liveRequests'
  | 'prices'
  | 'admissionQueue'
  | 'settler'
  | 'isStopping'
  | 'readiness'
> & {
  /** The present name of this process in the database. */
  readonly replicaId: () => string;
};

/** Creates the parts that every request needs, besides the parts that the server has already created. */
export async function createDependencies(
  configuration: Configuration,
  runtime: ProxyRuntime,
  { replicaId, ...shared }: Shared,
): Promise<ProxyDependencies & Checked> {
  const {
    issuer,
    resourceProxyUrl: resource,
    trustedProxyHops,
    limits,
    priceOverrides,
    requestSettings,
  } = configuration;
  const { log, now, onFailpoint, sealingKeysFile = unchangingFile(configuration) } = runtime;
  const { db, models } = shared;
  const transitEngine = configuration.transit && new TransitEngine(configuration.transit);
  return {
    ...shared,
    ...createIntrospection(configuration, runtime, shared),
    sealingKeysFile,
    transitEngine,
    log,
    now,
    onFailpoint,
    issuer,
    resource,
    trustedProxyHops,
    limits,
    operationTable: createOperationTable(models.upstreams.operations),
    proofVerifier: new ProofVerifier(),
    providerKeys: new ProviderKeys({
      db,
      log,
      sealingKeys: await SealingKeys.open({ file: sealingKeysFile, engine: transitEngine, now, log }),
      urls: configuration.upstreamUrls,
      operatorKeys: configuration.operatorKeys,
      simulated: configuration.simulatedUpstream,
    }),
    refusals: new RefusalCounts(),
    keyRefusals: new KeyRefusalRecorder({ db, log, replicaId }),
    requestRules: createRequestRules(requestSettings),
    bodyMemory: new BodyMemory(limits.bodyMemory),
    bodyWorkers: new BodyWorkers({ setup: { priceOverrides, requestSettings }, limits: limits.bodyWorkers, log }),
    counts: new CountGate(limits.maxCountsPerGrant),
    openGrants: new OpenGrants(db, issuer),
    drains: new AnswerDrains(limits),
    recordObjects: createStateRegister(db),
    idempotencyKeys: new IdempotencyKeys(db, log),
    origins: new ClientOrigins(db),
  };
}

/** Creates the parts that check access tokens: the connection to the authorization server, and its signing keys. */
function createIntrospection(
  { issuer, resourceProxyUrl: audience, authorizationServerUrl, clientId, clientSecret, limits }: Configuration,
  { log, now, rotatedSecrets }: ProxyRuntime,
  { dispatcher, tracing }: Pick<Shared, 'dispatcher' | 'tracing'>,
): Pick<ProxyDependencies & Checked, 'authorizationServer' | 'signingKeys' | 'introspector'> {
  const authorizationServer = createAuthorizationServer({
    issuer,
    internalUrl: authorizationServerUrl,
    clientId,
    readClientSecret: rotatedSecrets?.readClientSecret ?? (() => clientSecret),
    dispatcher,
    tracing,
  });
  const keys = new SigningKeys({
    fetchKeySet: authorizationServer.fetchKeySet,
    now,
    onFailure: (error) =>
      log.warn({ event: 'key_set_unavailable', err: error }, 'the keys of the authorization server cannot be fetched'),
  });
  const introspector = new TokenIntrospector({
    keys,
    issuer,
    audience,
    now,
    authorizationServer,
    log,
    refusedMilliseconds: limits.refusedTokenMilliseconds,
  });
  return { authorizationServer, signingKeys: keys, introspector };
}

function unchangingFile({ sealingKeys }: Configuration): SealingKeysFile {
  return { read: () => sealingKeys, readVersion: () => '' };
}
