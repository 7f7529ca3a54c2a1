import type { KeyFiles } from '@aipassport/launcher';

/** The provider key that the operator gave the proxies: the only one that the simulated provider takes. */
export const operatorKey = 'sk-operator-key-of-this-test-0123456789';

export interface ServerSettings {
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  /** SECRET: each holds a password, of that server's own role. */
  readonly databaseUrls: Readonly<Record<'authorization-server' | 'resource-proxy', string>>;
  readonly keyFiles: KeyFiles;
  /** The AI provider, for all three dialects. */
  readonly upstreamUrl: string;
  readonly hasOperatorKeys: boolean;
  readonly pricesFile?: string | undefined;
}

type Environment = Readonly<Record<string, string>>;

const compiled = process.env['NODE_COMPILE_CACHE'];
/** The servers of a run read the same modules again and again, so they keep what Node.js made of them. */
export const compileCache: Environment = compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled };

/** What each kind of server is told, apart from its port; like in production, but for the log level. */
export function buildServerEnvironments(
  settings: ServerSettings,
): Record<'authorization-server' | 'resource-proxy', Environment> {
  const { authorizationServer, resourceProxy } = settings.keyFiles;
  const common = {
    ...compileCache,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'debug',
    // Nothing balances here by their health.
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
      SEALING_PUBLIC_KEY_FILE: authorizationServer.sealingPublicKey,
      CLIENT_REGISTRATION: 'open',
    },
    'resource-proxy': {
      ...common,
      DATABASE_URL: settings.databaseUrls['resource-proxy'],
      SEALING_PRIVATE_KEY_FILE: resourceProxy.sealingPrivateKey,
      PROXY_CLIENT_SECRET_FILE: resourceProxy.clientSecret,
      // The tests' PostgreSQL is a fast one: what it forgets in a crash, nobody asks for.
      ACCEPT_UNSAFE_DATABASE: 'fsync,full_page_writes,synchronous_commit',
      ...(settings.hasOperatorKeys ? operatorKeys : {}),
    },
  };
}
