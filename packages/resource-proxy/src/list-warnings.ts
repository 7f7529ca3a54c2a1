import {
  type ConfigurationWarning,
  type EnvironmentSource,
  isLoopbackHost,
  listMisspelt,
  listSurroundings,
} from '@aipassport/contracts';
import { type Environment, environment } from './environment.js';

/** Settings that the operator should check, although the server starts with them. Contains names, never values. */
export function listWarnings(source: EnvironmentSource): readonly ConfigurationWarning[] {
  const { variables } = source;
  return [...listMisspelt(variables), ...listSurroundings(variables), ...listSwitchWarnings(environment.read(source))];
}

/** A setting that has no effect because of another setting. */
function listSwitchWarnings(values: Environment): readonly ConfigurationWarning[] {
  const { OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY, ALLOW_OPERATOR_KEYS: isAllowed } = values;
  const keys = Object.entries({ OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY }).flatMap(([name, key]) =>
    key === undefined ? [] : [name],
  );
  if (keys.length > 0 && !isAllowed)
    return [
      {
        variables: [...keys, 'ALLOW_OPERATOR_KEYS'],
        text: `${keys.join(', ')}: not used without ALLOW_OPERATOR_KEYS=true, here and at the authorization server.`,
      },
    ];
  if (keys.length === 0 && isAllowed && values.SIMULATED_UPSTREAM_URL === undefined)
    return [
      {
        variables: ['ALLOW_OPERATOR_KEYS', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY'],
        text: 'ALLOW_OPERATOR_KEYS is true and there is no key: set OPENAI_API_KEY, ANTHROPIC_API_KEY or GOOGLE_API_KEY.',
      },
    ];
  const { OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: ofAll, OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: ofAccount } =
    values;
  const isPublic = !isLoopbackHost(new URL(values.RESOURCE_PROXY_URL).hostname);
  if (isAllowed && isPublic && (ofAll === undefined || ofAccount === undefined))
    return [
      {
        variables: ['OPERATOR_KEYS_MAX_COST_USD_PER_MONTH', 'OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT'],
        text: 'The operator’s keys can be spent without bound: set OPERATOR_KEYS_MAX_COST_USD_PER_MONTH and OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT, here and at the authorization server.',
      },
    ];
  return [];
}
