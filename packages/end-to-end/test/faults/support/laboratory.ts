import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, type KeyFiles, locateKeyFiles, makeKeyFiles, prepareDatabase } from '@aipassport/launcher';
import { type Limits, noLimits } from '@aipassport/policy';
import { type Database, openDatabase } from '@aipassport/store';
import { updateGrantLimits } from '@aipassport/store/authorization';
import { createQuery, createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import pg from 'pg';
import { ClientApp } from '../../harness/client-app.js';
import { CloseStack } from '../../harness/close-stack.js';
import { connect, createOwner, readClaims } from '../../harness/connect.js';
import type { Owner } from '../../harness/owner.js';
import { compileCache, operatorKey } from '../../harness/server-environments.js';
import { TcpFront } from '../../harness/tcp-front.js';
import { BillingUpstream } from './billing-upstream.js';
import { FaultLine } from './fault-line.js';
import type { Access } from './load.js';
import type { PostgresUnderFault } from './postgres-under-fault.js';
import { ServerUnderFault } from './server-under-fault.js';

export type Query = <Row extends pg.QueryResultRow>(
  text: string,
  values?: readonly unknown[],
) => Promise<readonly Row[]>;

export interface LaboratoryOptions {
  /**
   * The test's own durable PostgreSQL. By default, the laboratory uses the PostgreSQL that all tests of the run share.
   * A test must not break the shared one.
   */
  readonly postgres?: PostgresUnderFault;
  /** A standby of `postgres`: the second host in the URLs of the servers. */
  readonly standby?: PostgresUnderFault;
  readonly authorizationServers?: number;
  readonly resourceProxies?: number;
  /** Whether the proxies run the test build, which has failpoints and shorter limits, instead of the usual program. */
  readonly isTestBuild?: boolean;
  /** The URL of all AI providers. By default, the laboratory's own upstream. */
  readonly upstreamUrl?: string;
  /** Further settings of all servers. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly proxyEnvironment?: Readonly<Record<string, string>>;
  /** The maximum heap size of each proxy. By default Node.js's own limit. */
  readonly proxyHeapMegabytes?: number;
}

export interface GrantOptions {
  readonly scope?: string;
  readonly owner?: Owner;
  readonly client?: ClientApp;
}

/** The whole system, as in production. A test can make each part of it fail. */
export interface Laboratory {
  readonly issuer: string;
  readonly upstream: BillingUpstream;
  readonly authorizationServers: readonly ServerUnderFault[];
  readonly resourceProxies: readonly ServerUnderFault[];
  /** Addresses of the proxies. */
  readonly targets: readonly string[];
  /** Connects to PostgreSQL directly, and not through a `FaultLine`, which simulates network faults. */
  readonly db: Database;
  /** Runs one SQL statement on such a direct connection. */
  readonly query: Query;
  /** SECRET: holds a password. */
  readonly databaseUrl: string;
  readonly keyFiles: KeyFiles;
  readonly owner: Owner;
  readonly client: ClientApp;
  /**
   * Makes a new grant through the pages, then sets its limits and its end in the database. By default it is a grant of
   * `owner` for `client`.
   */
  grant(limits?: Partial<Limits>, options?: GrantOptions): Promise<Access>;
  stop(): Promise<void>;
}

/** Durability settings, which the shared database switches off for speed. */
const unsafeSettings = 'fsync,full_page_writes,synchronous_commit';
const testBuild = new URL('./proxy-under-test.js', import.meta.url).href;

export async function startLaboratory(options: LaboratoryOptions = {}): Promise<Laboratory> {
  const closing = new CloseStack();
  const stop = () => closing.closeAll();
  try {
    return await startParts(options, closing, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: LaboratoryOptions,
  closing: CloseStack,
  stop: () => Promise<void>,
): Promise<Laboratory> {
  const { postgres, authorizationServers: issuerCount = 1, resourceProxies: proxyCount = 2 } = options;
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-laboratory-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const keyFiles = locateKeyFiles(path.join(directory, 'keys'));
  await makeKeyFiles(keyFiles, new Date());
  const upstream = await BillingUpstream.start();
  closing.push(() => upstream.stop());
  const { upstreamUrl = upstream.url } = options;
  const serverUrl = postgres?.url ?? process.env['TEST_DATABASE_URL'];
  const test = await createTestDatabase(serverUrl);
  const { url: databaseUrl, urls } = test;
  closing.push(test.close);
  const { db, query, end } =
    options.standby === undefined ? openPrimary(test) : openHosts(addHost(databaseUrl, options.standby.port));
  closing.push(end);
  await prepareDatabase(db, { proxySecret: readFileSync(keyFiles.resourceProxy.clientSecret, 'utf8').trim() });

  const issuers: ServerUnderFault[] = [];
  const proxies: ServerUnderFault[] = [];
  const issuerFront = await TcpFront.open(() => issuers.map(({ port }) => port));
  closing.push(() => issuerFront.close());
  const issuer = `http://127.0.0.1:${issuerFront.port}`;
  const common = {
    ...compileCache,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    UNREADY_SECONDS: '0',
    ISSUER: issuer,
    // no server listens at this address: each test chooses the proxy that it calls
    RESOURCE_PROXY_URL: 'http://127.0.0.1:4100',
    ALLOW_OPERATOR_KEYS: 'true',
    OPENAI_BASE_URL: upstreamUrl,
    ANTHROPIC_BASE_URL: upstreamUrl,
    GOOGLE_BASE_URL: upstreamUrl,
    ...options.environment,
  };
  const issuerEnvironment = {
    ...common,
    NODE_ENV: 'production',
    SIGNING_KEYS_FILE: keyFiles.authorizationServer.signingKeys,
    COOKIE_KEYS_FILE: keyFiles.authorizationServer.cookieKeys,
    AUDIT_KEYS_FILE: keyFiles.audit.keys,
    SEALING_PUBLIC_KEY_FILE: keyFiles.authorizationServer.sealingPublicKey,
    CLIENT_REGISTRATION: 'open',
  };
  const proxyEnvironment = {
    ...common,
    NODE_ENV: options.isTestBuild ? 'test' : 'production',
    OPENAI_API_KEY: operatorKey,
    ANTHROPIC_API_KEY: operatorKey,
    GOOGLE_API_KEY: operatorKey,
    SEALING_PRIVATE_KEY_FILE: keyFiles.resourceProxy.sealingPrivateKey,
    PROXY_CLIENT_SECRET_FILE: keyFiles.resourceProxy.clientSecret,
    LEASE_SECONDS: '2',
    ...(postgres === undefined ? { ACCEPT_UNSAFE_DATABASE: unsafeSettings } : {}),
    ...options.proxyEnvironment,
  };
  const add = async (servers: ServerUnderFault[], module: string, environment: Readonly<Record<string, string>>) => {
    const databaseLine = await FaultLine.open(Number(new URL(databaseUrl).port));
    closing.push(() => databaseLine.close());
    const port = await freePort();
    const name = `${servers === issuers ? 'authorization-server' : 'resource-proxy'} ${servers.length + 1}`;
    const role = servers === issuers ? 'authorization' : 'proxy';
    const primaryUrl = replacePort(urls[role], databaseLine.port);
    const DATABASE_URL = options.standby === undefined ? primaryUrl : addHost(primaryUrl, options.standby.port);
    const server = new ServerUnderFault(
      {
        name,
        module,
        environment: { ...environment, PORT: String(port), DATABASE_URL },
        healthUrl: `http://127.0.0.1:${port}/health/ready`,
        logFile: path.join(directory, `${name}.log`),
        heapMegabytes: servers === proxies ? options.proxyHeapMegabytes : undefined,
      },
      port,
      databaseLine,
    );
    closing.push(() => server.stop());
    servers.push(server);
    await server.start();
  };
  const proxyModule = options.isTestBuild ? testBuild : '@aipassport/resource-proxy/main';
  const starting = [
    ...Array.from({ length: issuerCount }, () =>
      add(issuers, '@aipassport/authorization-server/main', issuerEnvironment),
    ),
    ...Array.from({ length: proxyCount }, () => add(proxies, proxyModule, proxyEnvironment)),
  ];
  await Promise.allSettled(starting);
  await Promise.all(starting);

  const owner = await createOwner({ issuer });
  const client = await ClientApp.register({ issuer });
  return {
    issuer,
    upstream,
    authorizationServers: issuers,
    resourceProxies: proxies,
    targets: proxies.map(({ url }) => url),
    db,
    query,
    databaseUrl,
    keyFiles,
    owner,
    client,
    grant: createGrants({ issuer, db, owner, client }),
    stop,
  };
}

/** Makes the function `grant` of a laboratory. */
export function createGrants({
  issuer,
  db,
  owner,
  client,
}: Pick<Laboratory, 'issuer' | 'db' | 'owner' | 'client'>): Laboratory['grant'] {
  let grants = 0;
  return async (limits = {}, options = {}) => {
    const { accessToken, grantId } = await connect({ issuer }, { owner, client, ...options });
    const { sub: accountId, exp } = readClaims(accessToken);
    const changed = await updateGrantLimits(db, {
      grantId,
      accountId,
      limits: { ...noLimits, ...limits },
      expiresAt: new Date((exp + 86_400) * 1000),
      mayRaise: true,
    });
    if (!changed) throw new Error('the limits of the new grant could not be set');
    return { grant: grants++, grantId, accessToken };
  };
}

interface OpenedDatabase extends Pick<Laboratory, 'db' | 'query'> {
  readonly end: () => Promise<void>;
}

function openPrimary({ db, url }: TestDatabase): OpenedDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // ignore connection errors: the test kills PostgreSQL
  pool.on('error', () => undefined).on('connect', (connection) => connection.on('error', () => undefined));
  return {
    db,
    query: async (text, values = []) => (await pool.query(text, [...values])).rows,
    end: () => pool.end(),
  };
}

/**
 * Opens a database with several hosts, and uses the one that is the primary at the moment.
 * @param url SECRET: holds a password
 */
export function openHosts(url: string): OpenedDatabase {
  const db = openDatabase({ url, applicationName: 'test', maxConnections: 5, statementTimeoutMilliseconds: 0 });
  return {
    db,
    query: createQuery(db),
    end: () => db.destroy(),
  };
}

/** Adds a host to the URL of a database. */
function addHost(url: string, port: number): string {
  const { host } = new URL(url);
  return url.replace(host, `${host},127.0.0.1:${port}`);
}

function replacePort(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}
