import { hiddenValue as hidden, hideIfSet, type SettingInForce, showIfSet, showList } from '@aipassport/contracts';
import { formatUsd, limitKinds, upstreamVariables } from '@aipassport/policy';
import type { Configuration } from '../configuration.js';
import type { Environment } from '../environment.js';
import { nameOf, type suggestionVariables } from '../limits/suggested-limits.js';

type Described = Exclude<
  keyof Environment,
  // the mode of Node.js itself
  'NODE_ENV' | keyof typeof suggestionVariables | keyof typeof upstreamVariables.urls
>;

/**
 * The settings in force. Each setting is named here, so a new setting is shown only after someone has decided that it
 * holds no secret, and the compiler requires that decision. For a secret and for a file of keys, the page shows only
 * whether it is set.
 */
export function describeSettings(configuration: Configuration): readonly SettingInForce[] {
  const { clientRegistration, clientDocuments, mail, newAccountMaxCostPerMonth, journalSettings } = configuration;
  const values: Readonly<Record<Described, string | undefined>> = {
    HOST: configuration.host,
    PORT: String(configuration.port),
    RESTORE_MARK_FILE: journalSettings.RESTORE_MARK_FILE,
    JOURNAL_DIRECTORY: journalSettings.JOURNAL_DIRECTORY,
    JOURNAL_BUCKET_URL: journalSettings.JOURNAL_BUCKET_URL,
    JOURNAL_BUCKET_REGION: journalSettings.JOURNAL_BUCKET_REGION,
    JOURNAL_BUCKET_PREFIX: journalSettings.JOURNAL_BUCKET_PREFIX,
    JOURNAL_BUCKET_ACCESS_KEY_ID: hideIfSet(journalSettings.JOURNAL_BUCKET_ACCESS_KEY_ID),
    JOURNAL_BUCKET_SECRET_ACCESS_KEY: hideIfSet(journalSettings.JOURNAL_BUCKET_ACCESS_KEY_ID),
    MAX_HEAP_MB: configuration.maxHeapMegabytes?.toString(),
    ISSUER: configuration.issuer,
    RESOURCE_PROXY_URL: configuration.resourceProxyUrl,
    PROXY_CLIENT_ID: configuration.proxyClientId,
    TRUSTED_PROXY_HOPS: String(configuration.trustedProxyHops),
    LOG_LEVEL: configuration.logLevel,
    METRICS_PORT: configuration.metrics?.port.toString(),
    METRICS_HOST: configuration.metrics?.host,
    OTEL_EXPORTER_OTLP_ENDPOINT: configuration.tracesEndpoint,
    UNREADY_SECONDS: String(configuration.unreadyMilliseconds / 1_000),
    DATABASE_URL: hidden,
    SIGNING_KEYS_FILE: hidden,
    ID_TOKEN_KEYS_FILE: hideIfSet(configuration.idTokenKeys[0]),
    COOKIE_KEYS_FILE: hidden,
    AUDIT_KEYS_FILE: hideIfSet(configuration.auditKeys),
    SEALING_PUBLIC_KEY_FILE: hidden,
    IDENTITY_PROVIDERS_FILE: showList(configuration.identityProviders.map(({ name }) => name)),
    ACCOUNT_CREATION: configuration.accountCreation,
    NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: showIfSet(newAccountMaxCostPerMonth, formatUsd) ?? 'off',
    CLIENT_REGISTRATION: clientRegistration.kind,
    REGISTRATION_TOKEN: clientRegistration.kind === 'token' ? hidden : undefined,
    CLIENT_METADATA_DOCUMENTS: onOrOff(clientDocuments.enabled),
    CLIENT_METADATA_HOSTS: showList(clientDocuments.trustedHosts),
    DEVELOPER_CLIENTS: onOrOff(configuration.developerClients),
    PLAYGROUND: onOrOff(configuration.playground),
    REDIRECT_SCHEMES: showList(configuration.redirectSchemes),
    DPOP_NONCE: configuration.dpopNonce,
    SMTP_URL: mail.kind === 'smtp' ? hidden : undefined,
    MAIL_OUTBOX: mail.kind === 'files' ? mail.directory : undefined,
    MAIL_FROM: mail.kind === 'off' ? undefined : mail.from.email,
    OPERATOR_CONTACT: configuration.operatorContact?.text,
    ALLOW_OPERATOR_KEYS: String(configuration.allowOperatorKeys),
    OPERATOR_KEYS_FOR: showList(configuration.operatorKeysFor),
    OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: showIfSet(configuration.operatorCaps.ofAll, formatUsd),
    OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: showIfSet(configuration.operatorCaps.ofAccount, formatUsd),
    SIMULATED_UPSTREAM: String(configuration.simulatedUpstream),
    CHECK_PROVIDER_KEYS: String(Object.keys(configuration.keyChecks).length > 0),
    PRICES_FILE: configuration.pricesFile,
    UNKNOWN_MODELS: showList(configuration.unknownModels) ?? 'refuse',
  };
  const hosts = Object.entries(configuration.upstreamHosts);
  return [
    ...Object.entries(values),
    ...limitKinds.map((kind) => [nameOf(kind), describeLimit(configuration.suggestedLimits[kind])] as const),
    ...hosts.map(([upstream, host]) => [upstreamVariables.baseUrlName(upstream), host] as const),
  ].map(([name, value]) => ({ name, value }));
}

function describeLimit(limit: number | bigint | undefined): string | undefined {
  return typeof limit === 'bigint' ? formatUsd(limit) : limit?.toString();
}

function onOrOff(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}
