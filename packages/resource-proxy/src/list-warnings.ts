import {
  type ConfigurationWarning,
  type EnvironmentSource,
  isLoopbackHost,
  listEnvironmentWarnings,
  listMisspelt,
} from '@aipassport/contracts';
import { createUpstreamCatalogue, readPriceOverrides, readUpstreamKeys, upstreamVariables } from '@aipassport/policy';
import { environment } from './environment.js';

/**
 * Lists settings that the operator should check, although the server starts with them. The list contains the names of
 * variables, but never the values.
 */
export function listWarnings(source: EnvironmentSource): readonly ConfigurationWarning[] {
  const { variables } = source;
  return [...listMisspelt(variables), ...listEnvironmentWarnings(variables), ...listSwitchWarnings(source)];
}

/**
 * Returns at most one warning: provider keys of the operator are set but not allowed, they are allowed but none is set,
 * or they are allowed while the server has a public URL and a limit on their spending is missing, in total or for each
 * account.
 */
function listSwitchWarnings(source: EnvironmentSource): readonly ConfigurationWarning[] {
  const values = environment.read(source);
  const { ALLOW_OPERATOR_KEYS: isAllowed } = values;
  const { entries } = createUpstreamCatalogue(readPriceOverrides(source, values)?.upstreams);
  const possible = entries.map(({ name }) => upstreamVariables.keyName(name));
  const keys = readUpstreamKeys(source, entries).map(({ name }) => upstreamVariables.keyName(name));
  if (keys.length > 0 && !isAllowed)
    return [
      {
        variables: [...keys, 'ALLOW_OPERATOR_KEYS'],
        text: `${keys.join(', ')}: not used unless ALLOW_OPERATOR_KEYS is true, here and at the authorization server.`,
      },
    ];
  if (keys.length === 0 && isAllowed && values.SIMULATED_UPSTREAM_URL === undefined)
    return [
      {
        variables: ['ALLOW_OPERATOR_KEYS', ...possible],
        text: `ALLOW_OPERATOR_KEYS is true, but there is no API key: set one of ${possible.join(', ')}.`,
      },
    ];
  const { OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: ofAll, OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: ofAccount } =
    values;
  const isPublic = !isLoopbackHost(new URL(values.RESOURCE_PROXY_URL).hostname);
  if (isAllowed && isPublic && (ofAll === undefined || ofAccount === undefined))
    return [
      {
        variables: ['OPERATOR_KEYS_MAX_COST_USD_PER_MONTH', 'OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT'],
        text: 'A limit on the spending with the operator’s API keys is missing. Set OPERATOR_KEYS_MAX_COST_USD_PER_MONTH and OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT, here and at the authorization server.',
      },
    ];
  return [];
}
