import {
  ConfigurationError,
  describeFileProblem,
  type EnvironmentSource,
  type MetricsAddress,
  SecretFiles,
} from '@aipassport/contracts';
import {
  createModelCatalogue,
  createPriceCatalogue,
  type Limits,
  type ModelCatalogue,
  type PriceCatalogue,
  readPriceOverrides,
  readUpstreamUrls,
  type Upstream,
} from '@aipassport/policy';
import { type AuditKeys, followBucketKey } from '@aipassport/store';
import { describeKeyChecks, type KeyCheck } from './account/describe-key-checks.js';
import { type AccountCreation, decideAccountCreation } from './account-creation.js';
import { type Environment, environment } from './environment.js';
import type { OperatorContact } from './help/parse-contact.js';
import { type IdentityProvider, parseIdentityProviders } from './identity/parse-identity-providers.js';
import { parseAuditKeys } from './keys/parse-audit-keys.js';
import { type CookieKeys, parseCookieKeys } from './keys/parse-cookie-keys.js';
import { parseSealingKey, type SealingKey } from './keys/parse-sealing-key.js';
import { type IdTokenKeys, parseIdTokenKeys, parseSigningKeys, type SigningKeys } from './keys/parse-signing-keys.js';
import { readSuggestedLimits } from './limits/suggested-limits.js';
import { type MailConfiguration, readMailConfiguration } from './mail/mail-configuration.js';
import { type JournalConfiguration, readJournal } from './read-journal.js';

export type ClientRegistration =
  | { readonly kind: 'open' }
  /** SECRET: the token is never logged. */
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'off' };

/**
 * Whether metadata documents of clients are fetched, and the hosts for which private IP addresses and any port are
 * accepted.
 */
export interface ClientDocuments {
  readonly enabled: boolean;
  readonly trustedHosts: readonly string[];
}

/** The settings of the authorization server. */
export interface Configuration extends JournalConfiguration {
  readonly host: string;
  readonly port: number;
  readonly logLevel: Environment['LOG_LEVEL'];
  /** undefined: the metrics are not served */
  readonly metrics: MetricsAddress | undefined;
  /** undefined: derived from the available memory */
  readonly maxHeapMegabytes: number | undefined;
  /** SECRET: holds a password. */
  readonly databaseUrl: string;
  readonly unreadyMilliseconds: number;
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  /** The one client that may introspect tokens. */
  readonly proxyClientId: string;
  readonly trustedProxyHops: number;
  /** Where traces are sent; undefined: there are none. */
  readonly tracesEndpoint: string | undefined;
  readonly signingKeys: SigningKeys;
  readonly idTokenKeys: IdTokenKeys;
  readonly cookieKeys: CookieKeys;
  /** Undefined: the audit log is not sealed. */
  readonly auditKeys: AuditKeys | undefined;
  readonly sealingKey: SealingKey;
  readonly accountCreation: AccountCreation;
  readonly identityProviders: readonly IdentityProvider[];
  readonly clientRegistration: ClientRegistration;
  readonly clientDocuments: ClientDocuments;
  /** Whether accounts may register clients of their own. */
  readonly developerClients: boolean;
  /** Where owners reach the operator. */
  readonly operatorContact: OperatorContact | undefined;
  /** Whether this server has the page on which developers try the flow. */
  readonly playground: boolean;
  /** Whether a DPoP proof must hold a nonce of this server (RFC 9449 section 8). */
  readonly dpopNonce: Environment['DPOP_NONCE'];
  /** Private-use schemes that clients may register although they are not domain names. */
  readonly redirectSchemes: readonly string[];
  /** How e-mails are sent. */
  readonly mail: MailConfiguration;
  readonly allowOperatorKeys: boolean;
  /** The AI providers for which pages say that the operator's own key serves every account. */
  readonly operatorKeysFor: readonly Upstream[];
  /**
   * The caps that the environment sets on what the operator's own keys spend in a month (UTC), for all accounts
   * together and for each account. undefined: no cap. The operator's page can only lower them.
   */
  readonly operatorCaps: { readonly ofAll: bigint | undefined; readonly ofAccount: bigint | undefined };
  readonly simulatedUpstream: boolean;
  /** The models that clients may ask for. */
  readonly models: ModelCatalogue;
  /** The operator's file of models and prices; undefined when there is none. */
  readonly pricesFile: string | undefined;
  /** The models at whose prices unknown models are charged. Empty: unknown models are refused. */
  readonly unknownModels: readonly string[];
  /** The prices of the models, which pages show to people. */
  readonly prices: PriceCatalogue;
  /** Filled in on the consent page where a client proposes no limit. */
  readonly suggestedLimits: Limits;
  /** The limit of a new account on the spending of all apps in a month, in nano-US-dollars; undefined for none. */
  readonly newAccountMaxCostPerMonth: bigint | undefined;
  /** For each AI provider, the host (and port) for which its provider keys are sealed. */
  readonly upstreamHosts: Readonly<Record<Upstream, string>>;
  /**
   * How to ask each AI provider whether a provider key is valid. Empty when the operator has switched these checks off.
   */
  readonly keyChecks: Readonly<Record<Upstream, KeyCheck>>;
}

/** @throws ConfigurationError that says what the operator has to change, and contains no secret */
export function readConfiguration(source: EnvironmentSource, secretFiles = new SecretFiles(source)): Configuration {
  const values = environment.read(source);
  if (new URL(values.ISSUER).pathname !== '/') throw new ConfigurationError('configuration: ISSUER must have no path');
  const overrides = readPriceOverrides(source, values);
  const models = createModelCatalogue(overrides);
  return {
    host: values.HOST,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    metrics: values.METRICS_PORT === undefined ? undefined : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    maxHeapMegabytes: values.MAX_HEAP_MB,
    databaseUrl: values.DATABASE_URL,
    ...readJournal(values, followBucketKey(source, secretFiles)),
    unreadyMilliseconds: values.UNREADY_SECONDS * 1_000,
    issuer: values.ISSUER,
    resourceProxyUrl: values.RESOURCE_PROXY_URL,
    proxyClientId: values.PROXY_CLIENT_ID,
    trustedProxyHops: values.TRUSTED_PROXY_HOPS,
    tracesEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    signingKeys: readKeyFile(source, 'SIGNING_KEYS_FILE', values.SIGNING_KEYS_FILE, parseSigningKeys),
    idTokenKeys: readIdTokenKeys(source, values.ID_TOKEN_KEYS_FILE),
    cookieKeys: readKeyFile(source, 'COOKIE_KEYS_FILE', values.COOKIE_KEYS_FILE, parseCookieKeys),
    auditKeys: readAuditKeys(source, values.AUDIT_KEYS_FILE),
    sealingKey: readKeyFile(source, 'SEALING_PUBLIC_KEY_FILE', values.SEALING_PUBLIC_KEY_FILE, parseSealingKey),
    accountCreation: decideAccountCreation(values),
    identityProviders: readIdentityProviders(source, values.IDENTITY_PROVIDERS_FILE),
    clientRegistration: readClientRegistration(values),
    clientDocuments: readClientDocuments(values),
    developerClients: (values.DEVELOPER_CLIENTS ?? (values.CLIENT_REGISTRATION === 'open' ? 'on' : 'off')) === 'on',
    playground: values.PLAYGROUND === 'on',
    dpopNonce: values.DPOP_NONCE,
    redirectSchemes: values.REDIRECT_SCHEMES,
    mail: readMailConfiguration(values),
    operatorContact: values.OPERATOR_CONTACT,
    allowOperatorKeys: values.ALLOW_OPERATOR_KEYS,
    operatorKeysFor: values.ALLOW_OPERATOR_KEYS ? requireUpstreams(values.OPERATOR_KEYS_FOR, models) : [],
    operatorCaps: {
      ofAll: values.OPERATOR_KEYS_MAX_COST_USD_PER_MONTH,
      ofAccount: values.OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT,
    },
    simulatedUpstream: values.SIMULATED_UPSTREAM,
    models,
    pricesFile: values.PRICES_FILE,
    unknownModels: values.UNKNOWN_MODELS.map(({ upstream, id }) => `${upstream}/${id}`),
    prices: createPriceCatalogue(overrides),
    suggestedLimits: readSuggestedLimits(values),
    newAccountMaxCostPerMonth: values.NEW_ACCOUNT_MAX_COST_USD_PER_MONTH,
    upstreamHosts: Object.fromEntries(
      readUpstreamUrls(values, models.upstreams.entries).map(({ name, baseUrl }) => [name, new URL(baseUrl).host]),
    ),
    keyChecks: values.CHECK_PROVIDER_KEYS
      ? describeKeyChecks(models.upstreams, readUpstreamUrls(values, models.upstreams.entries))
      : {},
  };
}

function requireUpstreams(names: readonly string[], { upstreams }: ModelCatalogue): readonly Upstream[] {
  if (names.every((name) => upstreams.find(name) !== undefined)) return names;
  const known = upstreams.entries.map(({ name }) => name).join(', ');
  throw new ConfigurationError(`configuration: OPERATOR_KEYS_FOR: must be one or more of ${known}`);
}

/** The key files that can be rotated. Each function reads its file again, and throws as `readConfiguration` does. */
export interface RotatedKeys {
  readonly readSigningKeys: () => SigningKeys;
  readonly readIdTokenKeys: () => IdTokenKeys;
  readonly readCookieKeys: () => CookieKeys;
  readonly readSealingKey: () => SealingKey;
  readonly readAuditKeys: () => AuditKeys | undefined;
}

export function locateRotatedKeys(source: EnvironmentSource): RotatedKeys {
  const values = environment.read(source);
  const { SIGNING_KEYS_FILE: signing, COOKIE_KEYS_FILE: cookie, SEALING_PUBLIC_KEY_FILE: sealing } = values;
  return {
    readSigningKeys: () => readKeyFile(source, 'SIGNING_KEYS_FILE', signing, parseSigningKeys),
    readIdTokenKeys: () => readIdTokenKeys(source, values.ID_TOKEN_KEYS_FILE),
    readCookieKeys: () => readKeyFile(source, 'COOKIE_KEYS_FILE', cookie, parseCookieKeys),
    readSealingKey: () => readKeyFile(source, 'SEALING_PUBLIC_KEY_FILE', sealing, parseSealingKey),
    readAuditKeys: () => readAuditKeys(source, values.AUDIT_KEYS_FILE),
  };
}

/** SECRET: reads the database's URL again, whose file may have a new password. @throws as `readConfiguration` does */
export function readDatabaseUrl(source: EnvironmentSource): string {
  return environment.readOne(source, 'DATABASE_URL');
}

function readIdTokenKeys(source: EnvironmentSource, file: string | undefined): IdTokenKeys {
  return file === undefined ? [] : readKeyFile(source, 'ID_TOKEN_KEYS_FILE', file, parseIdTokenKeys);
}

function readAuditKeys(source: EnvironmentSource, file: string | undefined): AuditKeys | undefined {
  return file === undefined ? undefined : readKeyFile(source, 'AUDIT_KEYS_FILE', file, parseAuditKeys);
}

export function readIdentityProviders(
  source: EnvironmentSource,
  file: string | undefined,
): readonly IdentityProvider[] {
  return file === undefined ? [] : readKeyFile(source, 'IDENTITY_PROVIDERS_FILE', file, parseIdentityProviders);
}

export function readClientRegistration({
  CLIENT_REGISTRATION: kind,
  REGISTRATION_TOKEN: token,
}: Environment): ClientRegistration {
  if (kind !== 'token') return { kind };
  // The token must be too long to guess, because attempts are not limited.
  if (token === undefined || token.length < 32)
    throw new ConfigurationError('configuration: REGISTRATION_TOKEN must be given, with at least 32 characters');
  return { kind, token };
}

function readClientDocuments(values: Environment): ClientDocuments {
  const chosen = values.CLIENT_METADATA_DOCUMENTS ?? (values.CLIENT_REGISTRATION === 'open' ? 'on' : 'off');
  return { enabled: chosen === 'on', trustedHosts: values.CLIENT_METADATA_HOSTS };
}

function readKeyFile<T>(source: EnvironmentSource, name: string, path: string, parse: (json: unknown) => T): T {
  try {
    return parse(JSON.parse(source.readFile(path)));
  } catch (error) {
    // A parser's message may repeat its input, which is secret here.
    const problem = error instanceof ConfigurationError ? error.message : describeFileProblem(error);
    throw new ConfigurationError(`configuration: ${name}: ${problem}`);
  }
}
