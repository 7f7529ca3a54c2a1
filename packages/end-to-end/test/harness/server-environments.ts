import type { KeyFiles } from '@aipassport/launcher';

/** The operator's provider key: the only one that the simulated provider accepts. */
export const operatorKey = 'sk-operator-key-of-this-test-0123456789';

export interface ServerSettings {
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  /** SECRET: each URL contains the password of that server's role. */
  readonly databaseUrls: Readonly<Record<'authorization-server' | 'resource-proxy', string>>;
  readonly keyFiles: KeyFiles;
  /** The AI provider, for all three dialects. */
  readonly upstreamUrl: string;
  readonly hasOperatorKeys: boolean;
  readonly pricesFile?: string | undefined;
}

type Environment = Readonly<Record<string, string>>;

const compiled = process.env['NODE_COMPILE_CACHE'];
/** The directory in which Node.js caches compiled modules, if the test run has one. The servers share the modules. */
export const compileCache: Environment = compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled };

/** The environment of each kind of server, without its port. The log level and the commented settings are for tests. */
export function buildServerEnvironments(
  settings: ServerSettings,
): Record<'authorization-server' | 'resource-proxy', Environment> {
  const { authorizationServer, audit, resourceProxy } = settings.keyFiles;
  const common = {
    ...compileCache,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'debug',
    // No load balancer checks the health of the servers here, so they need not keep serving after a stop begins.
    UNREADY_SECONDS: '0',
    ISSUER: settings.issuer,
    RESOURCE_PROXY_URL: settings.resourceProxyUrl,
    ALLOW_OPERATOR_KEYS: String(settings.hasOperatorKeys),
    OPENAI_BASE_URL: settings.upstreamUrl,
    ANTHROPIC_BASE_URL: settings.upstreamUrl,
    GOOGLE_BASE_URL: settings.upstreamUrl,
    ...(settings.pricesFile !== undefined && { PRICES_FILE: settings.pricesFile }),
  };
  const operatorKeys = { OPENAI_API_KEY: operatorKey, ANTHROPIC_API_KEY: operatorKey, GOOGLE_API_KEY: operatorKey };
  return {
    'authorization-server': {
      ...common,
      DATABASE_URL: settings.databaseUrls['authorization-server'],
      SIGNING_KEYS_FILE: authorizationServer.signingKeys,
      ID_TOKEN_KEYS_FILE: authorizationServer.idTokenKeys,
      COOKIE_KEYS_FILE: authorizationServer.cookieKeys,
      AUDIT_KEYS_FILE: audit.keys,
      SEALING_PUBLIC_KEY_FILE: authorizationServer.sealingPublicKey,
      CLIENT_REGISTRATION: 'open',
      // New accounts have no spending limit, so that tests of other things do not reach one.
      NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: 'off',
      // The check of a provider key is a request to the AI provider, and tests count the requests that arrive there.
      CHECK_PROVIDER_KEYS: 'false',
    },
    'resource-proxy': {
      ...common,
      DATABASE_URL: settings.databaseUrls['resource-proxy'],
      SEALING_PRIVATE_KEY_FILE: resourceProxy.sealingPrivateKey,
      PROXY_CLIENT_SECRET_FILE: resourceProxy.clientSecret,
      // The tests' PostgreSQL does not sync to disk: no test needs its data after a crash.
      ACCEPT_UNSAFE_DATABASE: 'fsync,full_page_writes,synchronous_commit',
      ...(settings.hasOperatorKeys ? operatorKeys : {}),
    },
  };
}
