import path from 'node:path';
import {
  environment as authorizationServer,
  outsideHeapMegabytes as outsideAuthorizationServer,
} from '@aipassport/authorization-server/environment';
import { decideHeapMegabytes } from '@aipassport/contracts';
import { upstreamVariables } from '@aipassport/policy';
import {
  outsideHeapMegabytes as outsideResourceProxy,
  environment as resourceProxy,
} from '@aipassport/resource-proxy/environment';
import type { Role } from '@aipassport/store';
import type { LauncherEnvironment } from '../environment.js';
import type { KeyFiles } from '../keys/key-files.js';
import { forwardSettings, pickMachineSettings } from './forward-settings.js';
import type { KnownUpstreams } from './read-upstreams.js';
import type { Server } from './server-process.js';

/** The URLs of the programs of one start. */
export interface ServerUrls {
  readonly issuer: string;
  readonly resourceProxy: string;
  readonly demoApp: string;
  /** undefined when the environment has a real provider key */
  readonly simulatedUpstream: string | undefined;
}

/** SECRET: each URL contains a password. Only the launcher uses the owner's URL. */
export type DatabaseUrls = Readonly<Record<Role, string>>;

/** The facts from which the servers of one start are configured. */
export interface ServerSettings {
  readonly environment: LauncherEnvironment;
  readonly upstreams: KnownUpstreams;
  readonly databaseUrls: DatabaseUrls;
  readonly dataDirectory: string;
  readonly keyFiles: KeyFiles;
  /** The memory limit of the container, in bytes. 0, or a number from 2^50 on, means no limit. */
  readonly memoryBytes: number;
  /** Our own environment. Each server gets only its own settings from it. SECRET. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Our servers are at `localhost` and the demo app is at 127.0.0.1. Both names are this machine, but browsers do not
 * send the cookies of one host name to the other.
 */
export function decideUrls(environment: LauncherEnvironment, { withKey }: KnownUpstreams): ServerUrls {
  const isSimulated = withKey.length === 0;
  return {
    issuer: decideIssuer(environment),
    resourceProxy: `http://localhost:${environment.RESOURCE_PROXY_PORT}`,
    demoApp: `http://127.0.0.1:${environment.DEMO_APP_PORT}`,
    simulatedUpstream: isSimulated ? `http://127.0.0.1:${environment.SIMULATED_UPSTREAM_PORT}` : undefined,
  };
}

export function decideIssuer({ AUTHORIZATION_SERVER_PORT: port }: LauncherEnvironment): string {
  return `http://localhost:${port}`;
}

/** Lists the servers in the order in which they are started. Each server gets only the settings that it needs. */
export function listServers(settings: ServerSettings): readonly Server[] {
  const { environment, dataDirectory, variables, upstreams } = settings;
  const urls = decideUrls(environment, upstreams);
  const machine = pickMachineSettings(variables);
  const common = {
    ...machine,
    NODE_ENV: 'production',
    ISSUER: urls.issuer,
    RESOURCE_PROXY_URL: urls.resourceProxy,
  };
  const shared = { settings, urls, common, logs: path.join(dataDirectory, 'logs') };
  return [
    ...describeSimulatedUpstream({ ...shared, common: machine }),
    describeAuthorizationServer(shared),
    describeResourceProxy(shared),
    describeDemoApp(shared),
  ];
}

interface Shared {
  readonly settings: ServerSettings;
  readonly urls: ServerUrls;
  /** The settings that several servers get. */
  readonly common: Readonly<Record<string, string>>;
  /** The directory of the log files. */
  readonly logs: string;
}

/** Describes the simulated AI provider. The list is empty when the AI is not simulated. */
function describeSimulatedUpstream({ settings, urls, common, logs }: Shared): readonly Server[] {
  if (urls.simulatedUpstream === undefined) return [];
  const server = {
    name: 'simulated AI provider',
    module: new URL('../simulated-upstream/main.js', import.meta.url).href,
    environment: { ...common, PORT: String(settings.environment.SIMULATED_UPSTREAM_PORT) },
    healthUrl: `${urls.simulatedUpstream}/health`,
    logFile: path.join(logs, 'simulated-upstream.log'),
  };
  return [server];
}

function describeAuthorizationServer({ settings, urls, common, logs }: Shared): Server {
  return {
    name: 'authorization server',
    module: '@aipassport/authorization-server/main',
    environment: { ...authorizationServerEnvironment(settings), ...common },
    heapMegabytes: decideHeap(settings, { share: 1 / 3, outsideMegabytes: outsideAuthorizationServer }),
    healthUrl: `${urls.issuer}/health/ready`,
    logFile: path.join(logs, 'authorization-server.log'),
  };
}

function describeResourceProxy({ settings, urls, common, logs }: Shared): Server {
  return {
    name: 'resource proxy',
    module: '@aipassport/resource-proxy/main',
    environment: { ...resourceProxyEnvironment(settings, urls), ...common },
    heapMegabytes: decideHeap(settings, { share: 2 / 3, outsideMegabytes: outsideResourceProxy }),
    healthUrl: `${urls.resourceProxy}/health/ready`,
    logFile: path.join(logs, 'resource-proxy.log'),
  };
}

function describeDemoApp({ settings, urls, common, logs }: Shared): Server {
  const { environment, dataDirectory } = settings;
  return {
    name: 'demo app',
    module: '@aipassport/demo-app/main',
    environment: {
      ...common,
      PORT: String(environment.DEMO_APP_PORT),
      DATA_FILE: path.join(dataDirectory, 'demo-app.json'),
    },
    healthUrl: `${urls.demoApp}/`,
    logFile: path.join(logs, 'demo-app.log'),
  };
}

/** The memory that is reserved for PostgreSQL, the demo app and this process, which share the memory limit. */
const othersBytes = 512 * 1_048_576;

function decideHeap(
  { memoryBytes, environment }: ServerSettings,
  { share, outsideMegabytes }: { readonly share: number; readonly outsideMegabytes: number },
): number | undefined {
  const isLimited = memoryBytes > 0 && memoryBytes < 2 ** 50;
  return decideHeapMegabytes({
    memoryBytes: isLimited ? Math.max(memoryBytes / 4, memoryBytes - othersBytes) * share : 0,
    outsideMegabytes,
    chosenMegabytes: environment.MAX_HEAP_MB,
  });
}

/**
 * The authorization server learns for which AI vendors the operator has a provider key, but never the key itself. It
 * gets the public key of the sealing key pair, and not the private key.
 */
function authorizationServerEnvironment({
  environment,
  upstreams,
  variables,
  databaseUrls,
  dataDirectory,
  keyFiles,
}: ServerSettings): Record<string, string> {
  return {
    CLIENT_REGISTRATION: 'open', // the demo app registers itself
    PLAYGROUND: 'on',
    ...decideOutbox({ dataDirectory, variables }),
    ...forwardSettings(authorizationServer.variables, variables),
    PORT: String(environment.AUTHORIZATION_SERVER_PORT),
    ...metricsPort(environment.AUTHORIZATION_SERVER_METRICS_PORT),
    DATABASE_URL: databaseUrls.authorization,
    UNREADY_SECONDS: '0', // there is no load balancer
    SIGNING_KEYS_FILE: keyFiles.authorizationServer.signingKeys,
    ID_TOKEN_KEYS_FILE: keyFiles.authorizationServer.idTokenKeys,
    COOKIE_KEYS_FILE: keyFiles.authorizationServer.cookieKeys,
    AUDIT_KEYS_FILE: keyFiles.audit.keys,
    SEALING_PUBLIC_KEY_FILE: keyFiles.authorizationServer.sealingPublicKey,
    ALLOW_OPERATOR_KEYS: 'true',
    OPERATOR_KEYS_FOR: upstreams.withKey.join(','),
    SIMULATED_UPSTREAM: String(upstreams.withKey.length === 0),
  };
}

/**
 * Without a mail server, e-mails are written as files: into `MAIL_OUTBOX` if it is set, otherwise into the data
 * directory.
 */
export function decideOutbox({
  dataDirectory,
  variables,
}: Pick<ServerSettings, 'dataDirectory' | 'variables'>): Record<string, string> {
  if (variables['SMTP_URL'] || variables['SMTP_URL_FILE']) return {};
  return { MAIL_OUTBOX: variables['MAIL_OUTBOX'] || path.resolve(dataDirectory, 'outbox') };
}

function resourceProxyEnvironment(
  { environment, upstreams, variables, databaseUrls, keyFiles }: ServerSettings,
  { simulatedUpstream }: ServerUrls,
): Record<string, string> {
  return {
    ...forwardSettings({ ...resourceProxy.variables, ...upstreamVariables.describeKeys(upstreams.entries) }, variables),
    PORT: String(environment.RESOURCE_PROXY_PORT),
    ...metricsPort(environment.RESOURCE_PROXY_METRICS_PORT),
    DATABASE_URL: databaseUrls.proxy,
    ...directDatabaseUrl(environment, variables),
    UNREADY_SECONDS: '0', // there is no load balancer
    DRAIN_SECONDS: '1', // everything must end soon after Ctrl-C
    SEALING_PRIVATE_KEY_FILE: keyFiles.resourceProxy.sealingPrivateKey,
    PROXY_CLIENT_SECRET_FILE: keyFiles.resourceProxy.clientSecret,
    ALLOW_OPERATOR_KEYS: 'true',
    ...(simulatedUpstream !== undefined && { SIMULATED_UPSTREAM_URL: simulatedUpstream }),
  };
}

function metricsPort(port: number | undefined): Record<string, string> {
  return port === undefined ? {} : { METRICS_PORT: String(port) };
}

/** The setting of a direct connection, which bypasses the operator's pooler. Our own PostgreSQL has no pooler. */
function directDatabaseUrl(
  { DATABASE_URL: url }: LauncherEnvironment,
  { DATABASE_DIRECT_URL: direct, DATABASE_DIRECT_URL_FILE: file }: ServerSettings['variables'],
): Record<string, string> {
  if (url === undefined) return {};
  return { ...(direct && { DATABASE_DIRECT_URL: direct }), ...(file && { DATABASE_DIRECT_URL_FILE: file }) };
}
