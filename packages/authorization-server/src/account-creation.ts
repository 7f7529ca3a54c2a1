import { ConfigurationError, isLoopbackHost } from '@aipassport/contracts';
import type { Environment } from './environment.js';

/** The people who may create an account: everyone, those with an invitation, or no one. */
export type AccountCreation = 'open' | 'invite' | 'off';

type Settings = Pick<
  Environment,
  | 'ISSUER'
  | 'ACCOUNT_CREATION'
  | 'ALLOW_OPERATOR_KEYS'
  | 'OPERATOR_KEYS_MAX_COST_USD_PER_MONTH'
  | 'OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT'
>;

const caps = ['OPERATOR_KEYS_MAX_COST_USD_PER_MONTH', 'OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT'] as const;

/**
 * The default is `open` when the issuer is a loopback address, else `invite`. The operator may choose another value.
 * @throws ConfigurationError when any visitor could make an account and spend the operator's money, while a monthly cap
 * is missing
 */
export function decideAccountCreation(settings: Settings): AccountCreation {
  const isLocal = isLoopbackHost(new URL(settings.ISSUER).hostname);
  const accountCreation = settings.ACCOUNT_CREATION ?? (isLocal ? 'open' : 'invite');
  const missing = caps.filter((name) => settings[name] === undefined);
  if (!isLocal && accountCreation === 'open' && settings.ALLOW_OPERATOR_KEYS && missing.length > 0)
    throw new ConfigurationError(
      `configuration: with ALLOW_OPERATOR_KEYS and ACCOUNT_CREATION=open ${describeDanger(settings)}. Set ${missing.join(' and ')}, or ACCOUNT_CREATION=invite`,
    );
  return accountCreation;
}

function describeDanger(settings: Settings): string {
  const [ofAll, ofAccount] = caps.map((name) => settings[name]);
  if (ofAll !== undefined) return 'one visitor could spend everything that all accounts together may spend';
  if (ofAccount !== undefined) return 'one visitor could spend your money without a limit, with many accounts';
  return 'every visitor could spend your money without a limit';
}
