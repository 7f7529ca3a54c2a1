import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { builtInUpstreams, createModelCatalogue, createPriceCatalogue, noLimits } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { hashSecret, nameAuditKey } from '@aipassport/store';
import { upsertClient } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { exportJWK, generateKeyPair } from 'jose';
import type { Logger } from 'pino';
import {
  type Configuration,
  createLog,
  type RotatedKeys,
  type RunningServer,
  startAuthorizationServer,
} from '../../src/index.js';
import type { RotatedSecrets } from '../../src/rotated-secrets.js';

export const resourceProxyUrl = 'https://proxy.example';
export const proxySecret = 'the-proxy-secret-of-these-tests-0123456789';

/** One database with one or more authorization servers, as replicas behind one issuer name. */
export interface TestServer {
  readonly issuer: string;
  readonly db: Database;
  readonly configuration: Configuration;
  /** The URLs at which the replicas listen. The first is also the issuer. */
  readonly urls: readonly string[];
  /** The ports of the replicas' metrics; empty unless the configuration serves them. */
  readonly metricsPorts: readonly number[];
  /** All log lines. */
  readonly logLines: readonly string[];
  /** Moves the servers' clock. The database's clock stays. */
  readonly advanceClock: (seconds: number) => void;
  readonly close: () => Promise<void>;
}

export interface TestServerOptions {
  readonly replicas?: number;
  readonly configuration?: Partial<Configuration>;
  /** The contents of the key files, which a test can change. */
  readonly rotatedKeys?: RotatedKeys;
  /** Secrets in files, which a test can replace. */
  readonly rotatedSecrets?: (log: Logger) => RotatedSecrets;
  /** Replaces the server's own database. The caller has to close it. */
  readonly database?: TestDatabase;
}

export async function startTestServer({
  replicas = 1,
  configuration: overrides = {},
  rotatedKeys,
  rotatedSecrets,
  database: given,
}: TestServerOptions = {}): Promise<TestServer> {
  const database = given ?? (await createTestDatabase(process.env['TEST_DATABASE_URL']));
  const configuration = { ...(await makeConfiguration(database.urls.authorization)), ...overrides };
  const logLines: string[] = [];
  let clockOffsetMilliseconds = 0;
  const log = createLog('debug', { write: (line) => void logLines.push(line) });
  const options = {
    log,
    now: () => new Date(Date.now() + clockOffsetMilliseconds),
    ...(rotatedKeys === undefined ? {} : { rotatedKeys }),
    ...(rotatedSecrets === undefined ? {} : { rotatedSecrets: rotatedSecrets(log) }),
  };
  await addProxyClient(database.db, configuration.proxyClientId);
  const servers: RunningServer[] = [];
  for (let index = 0; index < replicas; index += 1) {
    const port = index === 0 ? configuration.port : 0;
    servers.push(await startAuthorizationServer({ ...configuration, port }, options));
  }
  return {
    issuer: configuration.issuer,
    db: database.db,
    configuration,
    urls: servers.map(({ url }) => url),
    metricsPorts: servers.flatMap(({ metricsPort }) => metricsPort ?? []),
    logLines,
    advanceClock: (seconds) => {
      clockOffsetMilliseconds += seconds * 1_000;
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
      if (given === undefined) await database.close();
    },
  };
}

const prices = createPriceCatalogue();

async function makeConfiguration(databaseUrl: string): Promise<Configuration> {
  const port = await findFreePort();
  const signing = await generateKeyPair('ES256', { extractable: true });
  const sealing = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const { x = '', y = '', d = '' } = await exportJWK(signing.privateKey);
  const { x: sealingX = '' } = await exportJWK(sealing.publicKey);
  return {
    host: '127.0.0.1',
    port,
    logLevel: 'debug',
    metrics: undefined,
    maxHeapMegabytes: undefined,
    databaseUrl,
    restoreMark: undefined,
    journal: undefined,
    journalSettings: {
      RESTORE_MARK_FILE: undefined,
      JOURNAL_DIRECTORY: undefined,
      JOURNAL_BUCKET_URL: undefined,
      JOURNAL_BUCKET_REGION: 'us-east-1',
      JOURNAL_BUCKET_PREFIX: undefined,
      JOURNAL_BUCKET_ACCESS_KEY_ID: undefined,
    },
    unreadyMilliseconds: 0,
    issuer: `http://127.0.0.1:${port}`,
    resourceProxyUrl,
    proxyClientId: 'resource-proxy',
    trustedProxyHops: 0,
    tracesEndpoint: undefined,
    signingKeys: [{ kty: 'EC', crv: 'P-256', x, y, d, kid: 'test-1', alg: 'ES256', use: 'sig' }],
    idTokenKeys: [],
    cookieKeys: ['a-cookie-key-of-these-tests-0123456789abcdef'],
    auditKeys: [nameAuditKey('an-audit-key-of-these-tests-0123456789abcdef')],
    sealingKey: { kty: 'OKP', crv: 'X25519', x: sealingX, kid: 'px-test-1' },
    accountCreation: 'open',
    identityProviders: [],
    clientRegistration: { kind: 'open' },
    clientDocuments: { enabled: false, trustedHosts: [] },
    developerClients: true,
    playground: true,
    dpopNonce: 'optional',
    redirectSchemes: [],
    mail: { kind: 'off' },
    operatorContact: undefined,
    allowOperatorKeys: false,
    operatorKeysFor: [],
    operatorCaps: { ofAll: undefined, ofAccount: undefined },
    simulatedUpstream: false,
    models: createModelCatalogue(),
    pricesFile: undefined,
    unknownModels: [],
    prices,
    suggestedLimits: noLimits,
    newAccountMaxCostPerMonth: undefined,
    keyChecks: {},
    upstreamHosts: Object.fromEntries(builtInUpstreams.map(({ name, baseUrl }) => [name, new URL(baseUrl).host])),
  };
}

/** Adds the resource proxy's client, as the launcher does. */
export async function addProxyClient(db: Database, id: string): Promise<void> {
  await upsertClient(db, {
    id,
    name: 'Resource proxy',
    metadata: {
      redirect_uris: [],
      response_types: [],
      grant_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    secretHash: hashSecret(proxySecret),
    webOrigins: [],
    registeredBy: 'operator',
  });
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
