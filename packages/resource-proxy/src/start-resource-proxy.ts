import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerHealthBefore, type Readiness } from '@aipassport/contracts';
import { createModelCatalogue, createUpstreamCatalogue } from '@aipassport/policy';
import { assertMigrated, type Database, openDatabase, whenDatabaseAnswers } from '@aipassport/store';
import type { Logger } from 'pino';
import { Agent } from 'undici';
import { type Accounting, openAccounting } from './admission/open-accounting.js';
import { requireDurability } from './admission/require-durability.js';
import type { Configuration } from './configuration.js';
import { ClientOrigins } from './cors/client-origins.js';
import { CountGate } from './counting/count-gate.js';
import { createHttpServer, createListener } from './create-http-server.js';
import { createDialectReader } from './denials/dialect.js';
import type { ProxyDependencies } from './dependencies.js';
import type { OnFailpoint } from './failpoint.js';
import { AnswerDrains } from './forwarding/answer-drains.js';
import { createReadiness, openChecks, type ReadinessChecks, tellWaiting } from './health/open-readiness.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { createAuthorizationServer } from './introspection/authorization-server.js';
import { SigningKeys } from './introspection/signing-keys.js';
import { TokenIntrospector } from './introspection/token-introspector.js';
import { BodyWorkers } from './preparing/body-workers.js';
import { createRequestRules } from './preparing/request-rules.js';
import { ProviderKeys } from './provider-keys/provider-keys.js';
import { SealingKeys, type SealingKeysFile } from './provider-keys/sealing-keys.js';
import { BodyMemory } from './reading/body-memory.js';
import { OpenGrants } from './reading/open-grants.js';
import { refuseUntilReady } from './refuse-until-ready.js';
import { LiveRequests } from './revocation/live-requests.js';
import { watchRevocations } from './revocation/watch-revocations.js';
import { watchBackground } from './state/background/watch-background.js';
import { createStateRegister } from './state/state-register.js';
import { createOperationTable } from './steps/match-operation.js';
import { stopHttpServer } from './stop-http-server.js';

export interface RunningProxy {
  /** Where it listens; what it calls itself is the resource. */
  readonly url: string;
  readonly port: number;
  /**
   * Keeps serving for a while as not ready. Then it stops accepting requests, lets streams go on for a bounded time,
   * cuts the rest, and closes its database connections.
   */
  readonly close: () => Promise<void>;
}

export interface Outside {
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The sealing keys as their file has them now; without it they stay what the configuration says. */
  readonly sealingKeysFile?: SealingKeysFile;
  /** Told the time by the database's clock, now and then. */
  readonly onDatabaseTime?: (databaseMilliseconds: number) => void;
  /** Ends the start while it waits for the database; what runs is ended by `close`. */
  readonly signal?: AbortSignal;
  /** Given by tests only. */
  readonly onFailpoint?: OnFailpoint;
}

const applicationName = 'aipassport-resource-proxy';

/** While the database does not answer, clients are told within three seconds: what they wait for is this and a batch's turn. */
const statementTimeoutMilliseconds = 1_500;
const connectTimeoutMilliseconds = 2_000;

/**
 * Starts one resource proxy. Any number of them may run on one database: none keeps anything to itself that decides.
 * While the database cannot be reached, does not let the proxy in, or has a schema that it cannot use, the proxy listens,
 * and refuses everything with 503.
 *
 * @returns once it serves
 * @throws ConfigurationError when the database may lose committed data
 */
export async function startResourceProxy(configuration: Configuration, outside: Outside): Promise<RunningProxy> {
  const { log, now } = outside;
  const { databaseUrl, resourceProxyUrl: resource } = configuration;
  const readDialect = createDialectReader(createUpstreamCatalogue(configuration.priceOverrides?.upstreams));
  let answer = refuseUntilReady({ log, now, resource, readDialect });
  const readiness = createReadiness(log);
  const server = createHttpServer(answerHealthBefore(readiness, (request, response) => answer(request, response)));
  const db = openDatabase({
    url: databaseUrl,
    applicationName,
    reachesRowsByKey: true,
    maxConnections: configuration.databaseConnections,
    statementTimeoutMilliseconds,
    connectTimeoutMilliseconds,
    onConnectionLost: (error) => {
      readiness.doubt();
      log.warn({ event: 'database_connection_lost', err: error });
    },
  });
  try {
    const port = await listen(server, configuration);
    const accounting = await waitForDatabase(db, configuration, { ...outside, readiness });
    const opened = { db, accounting, server, readiness };
    const { listener, close } = await openProxy(configuration, outside, opened);
    answer = listener;
    const url = `http://${configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host}:${port}`;
    log.info({ event: 'listening', url, resource });
    return { url, port, close };
  } catch (error) {
    server.close();
    server.closeAllConnections();
    await db.destroy();
    throw error;
  }
}

/** What has to be true of the database, and to be found in it, before anything is served. */
function waitForDatabase(
  db: Database,
  configuration: Configuration,
  outside: Outside & { readonly readiness: Readiness },
): Promise<Accounting> {
  const { log, signal, readiness } = outside;
  const prepare = async () => {
    await assertMigrated(db);
    await requireDurability(db, configuration.acceptUnsafeDatabase);
    return openAccounting(db, configuration, outside);
  };
  return whenDatabaseAnswers(prepare, {
    signal,
    onWaiting: tellWaiting(readiness, log),
  });
}

interface Opened {
  readonly db: Database;
  readonly accounting: Accounting;
  readonly server: Server;
  readonly readiness: Readiness;
}

async function openProxy(
  configuration: Configuration,
  outside: Outside,
  { db, accounting, server, readiness }: Opened,
): Promise<{ readonly listener: RequestListener; readonly close: () => Promise<void> }> {
  const { log, now } = outside;
  const { databaseUrl, databaseDirectUrl, limits } = configuration;
  const liveRequests = new LiveRequests();
  const dispatcher = new Agent({
    // Streams outlive every other use of a connection; one at a time on each, over HTTP/1.1, so none waits for another.
    allowH2: false,
    pipelining: 1,
    connect: { timeout: limits.connectTimeoutMilliseconds },
  });
  let stage: 'serving' | 'unready' | 'stopping' = 'serving';
  const { prices, queue: admissionQueue, settler } = accounting;
  const deps = await createDependencies(configuration, outside, {
    db,
    dispatcher,
    liveRequests,
    prices,
    admissionQueue,
    settler,
    isStopping: () => stage === 'stopping',
    readiness,
  });
  const watch = watchRevocations({
    db,
    databaseDirectUrl,
    applicationName: `${applicationName}-revocations`,
    liveRequests,
    limits,
    log,
    now,
  });
  const background = watchBackground(deps);
  openChecks(readiness, { ...deps, databaseUrl, accounting, watch, isUnready: () => stage !== 'serving' });
  const close = async () => {
    stage = 'unready';
    await sleep(limits.unreadyMilliseconds);
    stage = 'stopping';
    await stopHttpServer(server, liveRequests, limits.stopGraceMilliseconds);
    await Promise.all([accounting.close(), deps.idempotencyKeys.close(), deps.bodyWorkers.close()]);
    await Promise.all([watch.close(), background.close()]);
    await dispatcher.destroy();
    await db.destroy();
  };
  return { listener: createListener(deps), close };
}

type Checked = Pick<ReadinessChecks, 'authorizationServer' | 'signingKeys' | 'sealingKeysFile'>;
type Shared = Pick<
  ProxyDependencies,
  'db' | 'dispatcher' | 'liveRequests' | 'prices' | 'admissionQueue' | 'settler' | 'isStopping' | 'readiness'
>;

async function createDependencies(
  configuration: Configuration,
  { log, now, onFailpoint, sealingKeysFile: file = unchangingFile(configuration) }: Outside,
  shared: Shared,
): Promise<ProxyDependencies & Checked> {
  const { issuer, resourceProxyUrl: resource, limits } = configuration;
  const { db, dispatcher } = shared;
  const models = createModelCatalogue(configuration.priceOverrides);
  const authorizationServer = createAuthorizationServer({
    issuer,
    internalUrl: configuration.authorizationServerUrl,
    clientId: configuration.clientId,
    clientSecret: configuration.clientSecret,
    dispatcher,
  });
  const signingKeys = new SigningKeys({
    fetchKeySet: authorizationServer.fetchKeySet,
    now,
    onFailure: (error) =>
      log.warn({ event: 'key_set_unavailable', err: error }, 'the keys of the authorization server cannot be fetched'),
  });
  return {
    ...shared,
    authorizationServer,
    signingKeys,
    sealingKeysFile: file,
    log,
    now,
    onFailpoint,
    issuer,
    resource,
    limits,
    models,
    operationTable: createOperationTable(models.upstreams.operations),
    readDialect: createDialectReader(models.upstreams),
    introspector: new TokenIntrospector({
      keys: signingKeys,
      issuer,
      audience: resource,
      now,
      authorizationServer,
      log,
    }),
    providerKeys: new ProviderKeys({
      db,
      log,
      sealingKeys: await SealingKeys.open({ file, now, log }),
      addresses: configuration.upstreamAddresses,
      operatorKeys: configuration.operatorKeys,
      simulated: configuration.simulatedUpstream,
    }),
    requestRules: createRequestRules(configuration.requestSettings),
    bodyMemory: new BodyMemory(limits.bodyMemory),
    bodyWorkers: new BodyWorkers({
      setup: { priceOverrides: configuration.priceOverrides, requestSettings: configuration.requestSettings },
      limits: limits.bodyWorkers,
      log,
    }),
    counts: new CountGate(limits.maxCountsPerGrant),
    openGrants: new OpenGrants(db, issuer),
    drains: new AnswerDrains(limits),
    recordObjects: createStateRegister(db),
    idempotencyKeys: new IdempotencyKeys(db, log),
    origins: new ClientOrigins(db),
  };
}

function unchangingFile({ sealingKeys }: Configuration): SealingKeysFile {
  return { read: () => sealingKeys, readVersion: () => '' };
}

async function listen(server: Server, { host, port }: Configuration): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
