import { formatUsd } from '@aipassport/policy';
import type { Configuration } from '../configuration.js';

/** A setting that is in force. Its name is the name of its environment variable. */
export interface SettingInForce {
  readonly name: string;
  /** Undefined: it is not set. */
  readonly value: string | undefined;
}

/**
 * The settings in force. Each setting is named here, so a new setting is shown only after someone has decided that it
 * holds no secret. For a secret, the page shows only whether it is set.
 */
export function describeSettings(configuration: Configuration): readonly SettingInForce[] {
  const { clientRegistration, clientDocuments, mail, newAccountMaxCostPerMonth } = configuration;
  const values: Readonly<Record<string, string | undefined>> = {
    ISSUER: configuration.issuer,
    RESOURCE_PROXY_URL: configuration.resourceProxyUrl,
    PROXY_CLIENT_ID: configuration.proxyClientId,
    TRUSTED_PROXY_HOPS: String(configuration.trustedProxyHops),
    LOG_LEVEL: configuration.logLevel,
    UNREADY_SECONDS: String(configuration.unreadyMilliseconds / 1_000),
    DATABASE_URL: hidden,
    ACCOUNT_CREATION: configuration.accountCreation,
    NEW_ACCOUNT_MAX_COST_USD_PER_MONTH:
      newAccountMaxCostPerMonth === undefined ? 'off' : formatUsd(newAccountMaxCostPerMonth),
    CLIENT_REGISTRATION: clientRegistration.kind,
    REGISTRATION_TOKEN: clientRegistration.kind === 'token' ? hidden : undefined,
    CLIENT_METADATA_DOCUMENTS: clientDocuments.enabled ? 'on' : 'off',
    CLIENT_METADATA_HOSTS: list(clientDocuments.trustedHosts),
    REDIRECT_SCHEMES: list(configuration.redirectSchemes),
    DPOP_NONCE: configuration.dpopNonce,
    SMTP_URL: mail.kind === 'smtp' ? hidden : undefined,
    MAIL_OUTBOX: mail.kind === 'files' ? mail.directory : undefined,
    MAIL_FROM: mail.kind === 'off' ? undefined : mail.from.address,
    OPERATOR_KEYS_FOR: list(configuration.operatorKeysFor),
    OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: amount(configuration.operatorCaps.ofAll),
    OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: amount(configuration.operatorCaps.ofAccount),
    SIMULATED_UPSTREAM: String(configuration.simulatedUpstream),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

const hidden = '••••••';

function amount(value: bigint | undefined): string | undefined {
  return value === undefined ? undefined : formatUsd(value);
}

function list(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(', ');
}
