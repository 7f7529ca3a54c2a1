import { ConfigurationError } from '@aipassport/contracts';
import { oneUsd } from '@aipassport/policy';
import { expect, it } from '@jest/globals';
import { decideAccountCreation } from '../src/account-creation.js';

const base = {
  ISSUER: 'https://ai.example',
  ACCOUNT_CREATION: undefined,
  ALLOW_OPERATOR_KEYS: false,
  OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: undefined,
  OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: undefined,
};
const capped = {
  OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: 100n * oneUsd,
  OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: 5n * oneUsd,
};

it('without ACCOUNT_CREATION, anyone may create an account on a loopback address, and elsewhere an invitation is needed', () => {
  for (const ISSUER of ['http://localhost:4000', 'http://127.0.0.1:4000', 'http://[::1]:4000'])
    expect([ISSUER, decideAccountCreation({ ...base, ISSUER })]).toEqual([ISSUER, 'open']);
  expect(decideAccountCreation(base)).toBe('invite');
  for (const ACCOUNT_CREATION of ['open', 'invite', 'off'] as const) {
    expect(decideAccountCreation({ ...base, ACCOUNT_CREATION })).toBe(ACCOUNT_CREATION);
    expect(decideAccountCreation({ ...base, ISSUER: 'http://localhost:1', ACCOUNT_CREATION })).toBe(ACCOUNT_CREATION);
  }
});

it('a public server with the operator’s provider keys and open account creation requires both spending caps; other servers require none', () => {
  const open = { ...base, ACCOUNT_CREATION: 'open', ALLOW_OPERATOR_KEYS: true } as const;
  const refusals: readonly (readonly [object, string])[] = [
    [
      {},
      'without a limit. Set OPERATOR_KEYS_MAX_COST_USD_PER_MONTH and OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT, or',
    ],
    [
      { OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: oneUsd },
      'everything that all accounts together may spend. Set OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT, or',
    ],
    [
      { OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: oneUsd },
      'with many accounts. Set OPERATOR_KEYS_MAX_COST_USD_PER_MONTH, or',
    ],
  ];
  for (const [caps, message] of refusals) {
    expect(() => decideAccountCreation({ ...open, ...caps })).toThrow(ConfigurationError);
    expect(() => decideAccountCreation({ ...open, ...caps })).toThrow(message);
  }
  expect(decideAccountCreation({ ...open, ...capped })).toBe('open');
  expect(decideAccountCreation({ ...open, ISSUER: 'http://localhost:4000' })).toBe('open');
  expect(decideAccountCreation({ ...open, ALLOW_OPERATOR_KEYS: false })).toBe('open');
  expect(decideAccountCreation({ ...open, ACCOUNT_CREATION: undefined })).toBe('invite');
  expect(decideAccountCreation({ ...open, ACCOUNT_CREATION: 'off' })).toBe('off');
});
