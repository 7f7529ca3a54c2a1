import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  defaultProxyClientId,
  freePort,
  type KeyFiles,
  locateKeyFiles,
  makeKeyFiles,
  prepareDatabase,
} from '@aipassport/launcher';
import type { Database } from '@aipassport/store';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { CloseStack } from './close-stack.js';
import { Replica } from './replica.js';
import { buildServerEnvironments } from './server-environments.js';
import { TcpFront } from './tcp-front.js';

export interface DeploymentOptions {
  /** The AI provider, for all three dialects. */
  readonly upstreamUrl: string;
  /** The host in the issuer; an IP address by default. Browsers bind passkeys to names only. */
  readonly issuerHost?: string;
  /** Whether accounts without a provider key use the operator's. */
  readonly hasOperatorKeys?: boolean;
  /** Whether every server serves its metrics. */
  readonly hasMetrics?: boolean;
  /** The operator's models and prices, for both servers. */
  readonly pricesFile?: string;
  /**
   * Runs when the database exists, before the servers start. @returns a function that ends what this function started
   */
  readonly prepare?: (databaseUrl: string) => Promise<() => Promise<void>>;
  /** true: a start waits until the server is ready. false: until it answers. */
  readonly awaitsReady?: boolean;
  /**
   * Further environment variables of each kind of server, which replace the defaults. `proxyDatabaseUrl` leads directly
   * to the deployment's database, with the proxies' role.
   */
  readonly variables?: (proxyDatabaseUrl: string) => Readonly<Record<ServerKind, Readonly<Record<string, string>>>>;
}

export type ServerKind = 'authorization-server' | 'resource-proxy';

/** The whole system as in production: two processes of each kind of server behind one address, on one database. */
export interface Deployment {
  /** The address that both authorization servers share. */
  readonly issuer: string;
  /** The address that both resource proxies share. */
  readonly resourceProxyUrl: string;
  readonly authorizationServers: readonly Replica[];
  readonly resourceProxies: readonly Replica[];
  /** Connects to PostgreSQL directly, so it also works while `databaseLine` is cut. */
  readonly db: Database;
  /** SECRET. The URL of the same database, for another client. */
  readonly databaseUrl: string;
  /** SECRET. The URL of the database for each role. Each kind of server has its own role. */
  readonly databaseUrls: TestDatabase['urls'];
  /** Passes on the TCP connections from our servers to PostgreSQL. A test can cut them. */
  readonly databaseLine: TcpFront;
  readonly keyFiles: KeyFiles;
  /** SECRET. The credential that a proxy introspects tokens with. */
  readonly proxyClient: { readonly id: string; readonly secret: string };
  /** The whole output of the processes since the start. */
  output(): string;
  /** Ends every process, and deletes the database and all files. */
  stop(): Promise<void>;
}

/** Starts a deployment with its own database. If one part does not start, ends the others. */
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const opened = new CloseStack();
  try {
    const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-end-to-end-'));
    opened.push(() => rmSync(directory, { recursive: true, force: true }));
    const keyFiles = locateKeyFiles(path.join(directory, 'keys'));
    await makeKeyFiles(keyFiles, new Date());
    const secret = readFileSync(keyFiles.resourceProxy.clientSecret, 'utf8').trim();
    const database = await prepareOwnDatabase(secret, opened);
    const ended = await options.prepare?.(database.databaseUrl);
    if (ended !== undefined) opened.push(ended);
    const servers = await startServers({ ...options, ...database, directory, keyFiles }, opened);
    return {
      ...database,
      ...servers,
      keyFiles,
      proxyClient: { id: defaultProxyClientId, secret },
      output: () => [...servers.authorizationServers, ...servers.resourceProxies].map((one) => one.output()).join('\n'),
      stop: () => opened.closeAll(),
    };
  } catch (error) {
    await opened.closeAll();
    throw error;
  }
}

async function prepareOwnDatabase(proxySecret: string, opened: CloseStack) {
  const { db, url, urls, close } = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  opened.push(close);
  await prepareDatabase(db, { proxySecret });
  const databaseLine = await TcpFront.open(() => [Number(new URL(url).port)]);
  opened.push(() => databaseLine.close());
  return { db, databaseUrl: url, databaseUrls: urls, databaseLine };
}

interface ServersOptions extends DeploymentOptions {
  readonly directory: string;
  readonly keyFiles: KeyFiles;
  readonly databaseUrls: TestDatabase['urls'];
  readonly databaseLine: TcpFront;
}

async function startServers(options: ServersOptions, opened: CloseStack) {
  const { directory, keyFiles, databaseUrls, databaseLine, upstreamUrl, issuerHost, hasOperatorKeys = true } = options;
  const authorizationServers: Replica[] = [];
  const resourceProxies: Replica[] = [];
  const issuer = await openFront(authorizationServers, opened, issuerHost);
  const resourceProxyUrl = await openFront(resourceProxies, opened);
  const environments = buildServerEnvironments({
    issuer,
    resourceProxyUrl,
    databaseUrls: {
      'authorization-server': replacePort(databaseUrls.authorization, databaseLine.port),
      'resource-proxy': replacePort(databaseUrls.proxy, databaseLine.port),
    },
    keyFiles,
    upstreamUrl,
    hasOperatorKeys,
    pricesFile: options.pricesFile,
  });
  const add = async (kind: keyof typeof environments, replicas: Replica[]) => {
    const port = await freePort();
    const metricsPort = options.hasMetrics === true ? await freePort() : undefined;
    const name = `${kind}-${replicas.length + 1}`;
    const replica = new Replica(
      {
        name,
        module: `@aipassport/${kind}/main`,
        environment: {
          ...environments[kind],
          ...(metricsPort !== undefined && { METRICS_PORT: String(metricsPort) }),
          ...options.variables?.(databaseUrls.proxy)[kind],
          PORT: String(port),
        },
        healthUrl: `http://127.0.0.1:${port}/health/${options.awaitsReady === false ? 'live' : 'ready'}`,
        logFile: path.join(directory, `${name}.log`),
      },
      port,
    );
    replicas.push(replica);
    opened.push(() => replica.close());
    await replica.start();
  };
  // the authorization servers start first, because the proxies fetch their signing keys
  await Promise.all(repeat(2, () => add('authorization-server', authorizationServers)));
  await Promise.all(repeat(2, () => add('resource-proxy', resourceProxies)));
  return { issuer, resourceProxyUrl, authorizationServers, resourceProxies };
}

function repeat<Result>(count: number, make: () => Result): Result[] {
  return Array.from({ length: count }, make);
}

/** Opens one address for all replicas, including those that are added later. */
async function openFront(replicas: readonly Replica[], opened: CloseStack, host = '127.0.0.1'): Promise<string> {
  const front = await TcpFront.open(() => replicas.map(({ port }) => port));
  opened.push(() => front.close());
  return `http://${host}:${front.port}`;
}

function replacePort(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}
