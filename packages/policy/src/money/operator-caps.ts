import { optional } from '@aipassport/contracts';
import { type NanoUsd, parseUsd } from './nano-usd.js';

const form = 'an amount in US dollars, such as `5` or `0.50`';

/** Reads an amount of money from an environment variable. */
export const usdVariable = {
  form,
  parse: (value: string): NanoUsd => {
    const amount = parseUsd(value);
    if (amount === undefined || amount === 0n) throw new Error(`must be ${form}`);
    return amount;
  },
};

/** The spending caps of the operator's own provider keys. Both servers have the same settings. */
export const operatorCaps = {
  OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: optional(usdVariable, {
    description:
      'The most that the operator’s API keys may spend in a month (UTC), for all accounts together. Set the same value at both servers.',
  }),
  OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: optional(usdVariable, {
    description:
      'The most that the operator’s API keys may spend in a month (UTC) for one account. Set the same value at both servers.',
  }),
};
