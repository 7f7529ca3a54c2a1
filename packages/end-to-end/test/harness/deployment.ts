import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  freePort,
  type KeyFiles,
  locateKeyFiles,
  makeKeyFiles,
  prepareDatabase,
  proxyClientId,
} from '@aipassport/launcher';
import type { Database } from '@aipassport/store';
import { createTestDatabase } from '@aipassport/store/testing';
import { Replica } from './replica.js';
import { TcpFront } from './tcp-front.js';

/** The provider key that the operator gave the proxies: the only one that the simulated provider takes. */
export const operatorKey = 'sk-operator-key-of-this-test-0123456789';

export interface DeploymentOptions {
  /** The AI provider, for all three dialects. */
  readonly upstreamUrl: string;
  /** Whether `operatorKey` serves the accounts that have no key of their own. */
  readonly hasOperatorKeys?: boolean;
  readonly authorizationServers?: number;
  readonly resourceProxies?: number;
  /** The issuer's host; a browser keeps cookies by host, whatever the port. */
  readonly issuerHost?: '127.0.0.1' | 'localhost';
  readonly environment?: Readonly<Record<string, string>>;
}

/** Everything of ours, as in production: several processes of each server behind one address, on one database. */
export interface Deployment {
  /** The address that all authorization servers share. */
  readonly issuer: string;
  /** The address that all resource proxies share. */
  readonly resourceProxyUrl: string;
  readonly authorizationServers: readonly Replica[];
  readonly resourceProxies: readonly Replica[];
  /** A connection that the test cannot cut by accident. */
  readonly db: Database;
  /** SECRET. The same, for those who need another client. */
  readonly databaseUrl: string;
  /** Between our servers and PostgreSQL. */
  readonly databaseLine: TcpFront;
  readonly keyFiles: KeyFiles;
  /** SECRET. With which a proxy asks about tokens. */
  readonly proxyClient: { readonly id: string; readonly secret: string };
  /** All that the processes wrote since the start. */
  output(): string;
  /** Ends every process, by its number. */
  stop(): Promise<void>;
}

/** Starts it, with a database of its own; what did come up is ended again when anything does not. */
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const closing: (() => Promise<unknown> | void)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    return await startParts(options, closing, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: DeploymentOptions,
  closing: (() => Promise<unknown> | void)[],
  stop: () => Promise<void>,
): Promise<Deployment> {
  const { authorizationServers: issuers = 2, resourceProxies: proxies = 2, issuerHost = '127.0.0.1' } = options;
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-end-to-end-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const keyFiles = locateKeyFiles(path.join(directory, 'keys'));
  await makeKeyFiles(keyFiles, new Date());
  const secret = readFileSync(keyFiles.resourceProxy.clientSecret, 'utf8').trim();

  const {
    db,
    url: databaseUrl,
    close,
  } = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
  closing.push(close);
  await prepareDatabase(db, secret);
  const databaseLine = await TcpFront.open(() => [Number(new URL(databaseUrl).port)]);
  closing.push(() => databaseLine.close());

  const replicas: { issuers: Replica[]; proxies: Replica[] } = { issuers: [], proxies: [] };
  const issuerFront = await TcpFront.open(() => replicas.issuers.map(({ port }) => port));
  closing.push(() => issuerFront.close());
  const proxyFront = await TcpFront.open(() => replicas.proxies.map(({ port }) => port));
  closing.push(() => proxyFront.close());
  const issuer = `http://${issuerHost}:${issuerFront.port}`;
  const resourceProxyUrl = `http://${issuerHost}:${proxyFront.port}`;

  const common = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'debug',
    DATABASE_URL: replacePort(databaseUrl, databaseLine.port),
    ISSUER: issuer,
    RESOURCE_PROXY_URL: resourceProxyUrl,
    ALLOW_OPERATOR_KEYS: String(options.hasOperatorKeys ?? true),
    OPENAI_BASE_URL: options.upstreamUrl,
    ANTHROPIC_BASE_URL: options.upstreamUrl,
    GOOGLE_BASE_URL: options.upstreamUrl,
    ...options.environment,
  };
  const authorizationServer = {
    ...common,
    SIGNING_KEYS_FILE: keyFiles.authorizationServer.signingKeys,
    COOKIE_KEYS_FILE: keyFiles.authorizationServer.cookieKeys,
    SEALING_PUBLIC_KEY_FILE: keyFiles.authorizationServer.sealingPublicKey,
    CLIENT_REGISTRATION: 'open',
  };
  const operatorKeys =
    options.hasOperatorKeys === false
      ? {}
      : { OPENAI_API_KEY: operatorKey, ANTHROPIC_API_KEY: operatorKey, GOOGLE_API_KEY: operatorKey };
  const resourceProxy = {
    ...common,
    ...operatorKeys,
    SEALING_PRIVATE_KEY_FILE: keyFiles.resourceProxy.sealingPrivateKey,
    PROXY_CLIENT_SECRET_FILE: keyFiles.resourceProxy.clientSecret,
  };
  const add = async (kind: 'authorization-server' | 'resource-proxy', number: number) => {
    const port = await freePort();
    const replica = new Replica(
      {
        name: `${kind} ${number}`,
        module: `@aipassport/${kind}/main`,
        environment: { ...(kind === 'authorization-server' ? authorizationServer : resourceProxy), PORT: String(port) },
        healthUrl: `http://127.0.0.1:${port}/health`,
        logFile: path.join(directory, `${kind}-${number}.log`),
      },
      port,
    );
    closing.push(() => replica.close());
    (kind === 'authorization-server' ? replicas.issuers : replicas.proxies).push(replica);
    await replica.start();
  };
  for (let number = 1; number <= issuers; number++) await add('authorization-server', number);
  for (let number = 1; number <= proxies; number++) await add('resource-proxy', number);

  return {
    issuer,
    resourceProxyUrl,
    authorizationServers: replicas.issuers,
    resourceProxies: replicas.proxies,
    db,
    databaseUrl,
    databaseLine,
    keyFiles,
    proxyClient: { id: proxyClientId, secret },
    output: () => [...replicas.issuers, ...replicas.proxies].map((replica) => replica.output()).join('\n'),
    stop,
  };
}

function replacePort(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}
