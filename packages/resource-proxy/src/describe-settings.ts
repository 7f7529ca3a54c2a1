import { hiddenValue as hidden, hideIfSet, type SettingInForce, showIfSet, showList } from '@aipassport/contracts';
import { formatUsd, type Upstream, upstreamVariables } from '@aipassport/policy';
import type { Environment } from './environment.js';
import type { UpstreamUrl } from './provider-keys/upstream-url.js';

type Described = Exclude<
  keyof Environment,
  // the mode of Node.js itself
  'NODE_ENV' | keyof typeof upstreamVariables.keys | keyof typeof upstreamVariables.urls
>;

interface Upstreams {
  readonly urls: Readonly<Record<Upstream, UpstreamUrl>>;
  /** The upstreams for which the operator has set a provider key. */
  readonly withKey: readonly Upstream[];
}

/**
 * The settings in force, which the operator's page shows. Each setting is named here, so a new setting is shown only
 * after someone has decided that it holds no secret, and the compiler requires that decision.
 */
export function describeSettings(values: Environment, { urls, withKey }: Upstreams): readonly SettingInForce[] {
  const shown: Readonly<Record<Described, string | undefined>> = {
    HOST: values.HOST,
    PORT: String(values.PORT),
    LOG_LEVEL: values.LOG_LEVEL,
    METRICS_PORT: values.METRICS_PORT?.toString(),
    METRICS_HOST: values.METRICS_PORT === undefined ? undefined : values.METRICS_HOST,
    OTEL_EXPORTER_OTLP_ENDPOINT: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    MAX_HEAP_MB: values.MAX_HEAP_MB?.toString(),
    DATABASE_URL: hidden,
    DATABASE_DIRECT_URL: hideIfSet(values.DATABASE_DIRECT_URL),
    DATABASE_CONNECTIONS: String(values.DATABASE_CONNECTIONS),
    RESTORE_MARK_FILE: values.RESTORE_MARK_FILE,
    JOURNAL_DIRECTORY: values.JOURNAL_DIRECTORY,
    JOURNAL_BUCKET_URL: values.JOURNAL_BUCKET_URL,
    JOURNAL_BUCKET_REGION: values.JOURNAL_BUCKET_REGION,
    JOURNAL_BUCKET_PREFIX: values.JOURNAL_BUCKET_PREFIX,
    JOURNAL_BUCKET_ACCESS_KEY_ID: hideIfSet(values.JOURNAL_BUCKET_ACCESS_KEY_ID),
    JOURNAL_BUCKET_SECRET_ACCESS_KEY: hideIfSet(values.JOURNAL_BUCKET_SECRET_ACCESS_KEY),
    ISSUER: values.ISSUER,
    AS_INTERNAL_URL: values.AS_INTERNAL_URL,
    RESOURCE_PROXY_URL: values.RESOURCE_PROXY_URL,
    TRUSTED_PROXY_HOPS: String(values.TRUSTED_PROXY_HOPS),
    PROXY_CLIENT_ID: values.PROXY_CLIENT_ID,
    PROXY_CLIENT_SECRET: hidden,
    SEALING_PRIVATE_KEY_FILE: hidden,
    SEALING_TRANSIT_URL: values.SEALING_TRANSIT_URL,
    SEALING_TRANSIT_TOKEN_FILE: hideIfSet(values.SEALING_TRANSIT_TOKEN_FILE),
    SEALING_TRANSIT_CA_FILE: values.SEALING_TRANSIT_CA_FILE,
    SEALING_TRANSIT_NAMESPACE: values.SEALING_TRANSIT_NAMESPACE,
    ALLOW_OPERATOR_KEYS: String(values.ALLOW_OPERATOR_KEYS),
    OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: showIfSet(values.OPERATOR_KEYS_MAX_COST_USD_PER_MONTH, formatUsd),
    OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: showIfSet(
      values.OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT,
      formatUsd,
    ),
    SIMULATED_UPSTREAM_URL: values.SIMULATED_UPSTREAM_URL,
    PRICES_FILE: values.PRICES_FILE,
    UNKNOWN_MODELS: showList(values.UNKNOWN_MODELS.map(({ upstream, id }) => `${upstream}/${id}`)) ?? 'refuse',
    UNKNOWN_FIELDS: values.UNKNOWN_FIELDS,
    REQUEST_FIELDS_FILE: values.REQUEST_FIELDS_FILE,
    LEASE_SECONDS: String(values.LEASE_SECONDS),
    ACCEPT_UNSAFE_DATABASE: showList(values.ACCEPT_UNSAFE_DATABASE),
    UNREADY_SECONDS: String(values.UNREADY_SECONDS),
    DRAIN_SECONDS: String(values.DRAIN_SECONDS),
  };
  const ofUpstreams = Object.entries(urls).flatMap(([name, { host, basePath }]) => [
    [upstreamVariables.baseUrlName(name), `${host}${basePath}`] as const,
    [upstreamVariables.keyName(name), withKey.includes(name) ? hidden : undefined] as const,
  ]);
  return [...Object.entries(shown), ...ofUpstreams].map(([name, value]) => ({ name, value }));
}
