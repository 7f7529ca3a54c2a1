import {
  ConfigurationError,
  describeFileProblem,
  type EnvironmentSource,
  type MetricsAddress,
  readFileVersion,
  SecretFiles,
  type SecretReader,
  type SettingInForce,
} from '@aipassport/contracts';
import {
  createUpstreamCatalogue,
  type NanoUsd,
  type PriceOverrides,
  readPriceOverrides,
  readUpstreamKeys,
  readUpstreamUrls,
  type Upstream,
  type UpstreamEntry,
  upstreamVariables,
} from '@aipassport/policy';
import {
  followBucketKey,
  type JournalPlace,
  openJournalPlace,
  openRestoreMark,
  type StoredText,
} from '@aipassport/store';
import { describeSettings } from './describe-settings.js';
import { type Environment, environment } from './environment.js';
import { defaultLimits, type ProxyLimits } from './limits.js';
import { readRequestSettings } from './preparing/read-request-settings.js';
import type { RequestSettings } from './preparing/request-rules.js';
import { parseSealingJwks, type SealingJwks } from './provider-keys/sealing-key.js';
import type { SealingKeysFile } from './provider-keys/sealing-keys.js';
import { readTransitSettings, type TransitSettings } from './provider-keys/transit-settings.js';
import type { UpstreamUrl } from './provider-keys/upstream-url.js';
import { Secret } from './secret.js';

/** The caps on the monthly spending (UTC) with the operator's provider keys. */
export interface OperatorCaps {
  readonly ofAll: NanoUsd | undefined;
  readonly ofAccount: NanoUsd | undefined;
}

/** The settings of the resource proxy. */
export interface Configuration {
  readonly host: string;
  readonly port: number;
  readonly logLevel: Environment['LOG_LEVEL'];
  /** undefined: the metrics are not served */
  readonly metrics: MetricsAddress | undefined;
  /** undefined: derived from the available memory */
  readonly maxHeapMegabytes: number | undefined;
  /** SECRET: contains a password. */
  readonly databaseUrl: string;
  /** SECRET: a direct connection to the same database, not through a pooler. */
  readonly databaseDirectUrl: string;
  readonly databaseConnections: number;
  /** Undefined: this server does not notice a restore */
  readonly restoreMark: StoredText | undefined;
  /** undefined: there is no journal */
  readonly journal: JournalPlace | undefined;
  readonly issuer: string;
  readonly authorizationServerUrl: string | undefined;
  readonly resourceProxyUrl: string;
  readonly trustedProxyHops: number;
  /** Where traces are sent; undefined: there are none. */
  readonly tracesEndpoint: string | undefined;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** SECRET: never logged. */
  readonly sealingKeys: SealingJwks;
  /** The transit engine that has sealing keys; undefined: there is none. */
  readonly transit: TransitSettings | undefined;
  readonly operatorKeys: Readonly<Partial<Record<Upstream, SecretReader<Secret>>>>;
  /** The upstreams for which the operator has set a provider key in a file, even if operator keys are not allowed. */
  readonly operatorKeyFiles: readonly Upstream[];
  readonly operatorCaps: OperatorCaps;
  readonly upstreamUrls: Readonly<Record<Upstream, UpstreamUrl>>;
  readonly simulatedUpstream: UpstreamUrl | undefined;
  readonly priceOverrides: PriceOverrides | undefined;
  readonly requestSettings: RequestSettings;
  readonly leaseSeconds: number;
  readonly acceptUnsafeDatabase: Environment['ACCEPT_UNSAFE_DATABASE'];
  readonly limits: ProxyLimits;
  /** The files of secrets that are read again when they change. */
  readonly secretFiles: SecretFiles;
  /** What the operator's page shows of these settings. */
  readonly settings: readonly SettingInForce[];
}

/** @throws ConfigurationError that says what the operator has to change. Its message contains no secret. */
export function readConfiguration(source: EnvironmentSource): Configuration {
  const values = environment.read(source);
  const secretFiles = new SecretFiles(source);
  const journal = openJournalPlace(values, followBucketKey(source, secretFiles));
  const priceOverrides = readPriceOverrides(source, values);
  const { entries } = createUpstreamCatalogue(priceOverrides?.upstreams);
  const keys = readUpstreamKeys(source, entries);
  const upstreamUrls = Object.fromEntries(
    readUpstreamUrls(values, entries).map(({ name, baseUrl }) => [name, parseUpstreamUrl(baseUrl)]),
  );
  return {
    host: values.HOST,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    metrics: values.METRICS_PORT === undefined ? undefined : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    maxHeapMegabytes: values.MAX_HEAP_MB,
    databaseUrl: values.DATABASE_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL,
    databaseConnections: values.DATABASE_CONNECTIONS,
    restoreMark: openRestoreMark(values, journal),
    journal,
    issuer: values.ISSUER,
    authorizationServerUrl: values.AS_INTERNAL_URL,
    resourceProxyUrl: values.RESOURCE_PROXY_URL,
    trustedProxyHops: values.TRUSTED_PROXY_HOPS,
    tracesEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    clientId: values.PROXY_CLIENT_ID,
    clientSecret: new Secret(values.PROXY_CLIENT_SECRET),
    sealingKeys: readSealingKeys(source, values.SEALING_PRIVATE_KEY_FILE),
    transit: readTransitSettings(source),
    operatorKeys: values.ALLOW_OPERATOR_KEYS ? followOperatorKeys(source, secretFiles, entries) : {},
    operatorKeyFiles: keys.flatMap((key) => (key.source === 'file' ? [key.name] : [])),
    operatorCaps: {
      ofAll: values.OPERATOR_KEYS_MAX_COST_USD_PER_MONTH,
      ofAccount: values.OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT,
    },
    upstreamUrls,
    simulatedUpstream:
      values.SIMULATED_UPSTREAM_URL === undefined ? undefined : parseUpstreamUrl(values.SIMULATED_UPSTREAM_URL),
    priceOverrides,
    requestSettings: readRequestSettings(source, {
      path: values.REQUEST_FIELDS_FILE,
      unknownFields: values.UNKNOWN_FIELDS,
    }),
    leaseSeconds: values.LEASE_SECONDS,
    acceptUnsafeDatabase: values.ACCEPT_UNSAFE_DATABASE,
    limits: {
      ...defaultLimits,
      unreadyMilliseconds: values.UNREADY_SECONDS * 1_000,
      stopGraceMilliseconds: values.DRAIN_SECONDS * 1_000,
    },
    secretFiles,
    settings: describeSettings(values, { urls: upstreamUrls, withKey: keys.map(({ name }) => name) }),
  };
}

/**
 * SECRET: functions that read again the secrets that may be replaced while the proxy runs. Each throws as
 * `readConfiguration` does.
 */
export interface RotatedSecrets {
  readonly readDatabaseUrl: () => string;
  readonly readDatabaseDirectUrl: () => string;
  readonly readClientSecret: () => Secret;
}

export function locateRotatedSecrets(source: EnvironmentSource, secretFiles: SecretFiles): RotatedSecrets {
  const readDatabaseUrl = () => environment.readOne(source, 'DATABASE_URL');
  return {
    readDatabaseUrl,
    readDatabaseDirectUrl: () => environment.readOne(source, 'DATABASE_DIRECT_URL') ?? readDatabaseUrl(),
    readClientSecret: secretFiles.follow(
      'PROXY_CLIENT_SECRET_FILE',
      () => new Secret(environment.readOne(source, 'PROXY_CLIENT_SECRET')),
    ),
  };
}

export function parseUpstreamUrl(baseUrl: string): UpstreamUrl {
  const { origin, host, pathname } = new URL(baseUrl);
  return { origin, host, basePath: pathname === '/' ? '' : pathname };
}

/**
 * Decides, at the start, for which upstreams the operator has set a provider key. Each of these keys is read again when
 * its file changes.
 */
function followOperatorKeys(
  source: EnvironmentSource,
  secretFiles: SecretFiles,
  entries: readonly UpstreamEntry[],
): Partial<Record<Upstream, SecretReader<Secret>>> {
  const given = readUpstreamKeys(source, entries).map(({ name }) => name);
  return Object.fromEntries(
    entries
      .filter(({ name }) => given.includes(name))
      .map((entry) => {
        const variable = `${upstreamVariables.keyName(entry.name)}_FILE`;
        return [entry.name, secretFiles.follow(variable, () => readOperatorKey(source, entry))];
      }),
  );
}

function readOperatorKey(source: EnvironmentSource, entry: UpstreamEntry): Secret {
  const [found] = readUpstreamKeys(source, [entry]);
  const variable = upstreamVariables.keyName(entry.name);
  if (found === undefined) throw new ConfigurationError(`configuration: ${variable}_FILE: the file is empty`);
  // The provider key is sent in a header. A character that a header cannot contain would make every request fail.
  if (!/^[\x21-\x7e]+$/.test(found.key)) {
    const name = `${variable}${found.source === 'file' ? '_FILE' : ''}`;
    throw new ConfigurationError(`configuration: ${name}: it contains characters that no provider key has`);
  }
  return new Secret(found.key);
}

/**
 * Locates the file of the sealing keys, which changes when the sealing key is rotated.
 * @returns a reader of the current file, which throws ConfigurationError as `readConfiguration` does
 */
export function locateSealingKeys(source: EnvironmentSource): SealingKeysFile {
  const { SEALING_PRIVATE_KEY_FILE: path } = environment.read(source);
  return { read: () => readSealingKeys(source, path), readVersion: () => readFileVersion(path) };
}

function readSealingKeys(source: EnvironmentSource, path: string): SealingJwks {
  try {
    return parseSealingJwks(JSON.parse(source.readFile(path)));
  } catch (error) {
    // A parser's message may repeat its input, and the input is secret.
    const problem = error instanceof ConfigurationError ? error.message : describeFileProblem(error);
    throw new ConfigurationError(`configuration: SEALING_PRIVATE_KEY_FILE: ${problem}`);
  }
}
