import type { KeyFiles } from '@aipassport/launcher';

/** The operator's provider key: the only one that the simulated provider accepts. */
export const operatorKey = 'sk-operator-key-of-this-test-0123456789';

export interface ServerSettings {
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  /** SECRET: each URL has the password of that server's role. */
  readonly databaseUrls: Readonly<Record<'authorization-server' | 'resource-proxy', string>>;
  readonly keyFiles: KeyFiles;
  /** The AI provider, for all three dialects. */
  readonly upstreamUrl: string;
  readonly hasOperatorKeys: boolean;
  readonly pricesFile?: string | undefined;
}

type Environment = Readonly<Record<string, string>>;

const compiled = process.env['NODE_COMPILE_CACHE'];
/** Node.js caches compiled modules here, since the servers of a run load the same ones again and again. */
export const compileCache: Environment = compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled };

/** The environment of each kind of server, without its port. As in production, except for the log level. */
export function buildServerEnvironments(
  settings: ServerSettings,
): Record<'authorization-server' | 'resource-proxy', Environment> {
  const { authorizationServer, audit, resourceProxy } = settings.keyFiles;
  const common = {
    ...compileCache,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'debug',
    // No load balancer checks their health here.
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
      // Tests that do not look at money may spend any amount.
      NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: 'off',
      // tests count what arrives at the AI provider
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
