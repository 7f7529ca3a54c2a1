import { expect, it } from '@jest/globals';
import { environment } from '../src/environment.js';

const required = {
  DATABASE_URL: 'postgres://localhost/x',
  SIGNING_KEYS_FILE: 's',
  COOKIE_KEYS_FILE: 'c',
  SEALING_PUBLIC_KEY_FILE: 'p',
};
const read = (variables: Record<string, string>) =>
  environment.read({ variables: { ...required, ...variables }, readFile: () => '' });

it('reads the limits that an operator suggests, with money as whole nano-dollars', () => {
  expect(read({})).toMatchObject({ DEFAULT_MAX_COST_USD: undefined, DEFAULT_MAX_STREAMS: undefined });
  expect(
    read({
      DEFAULT_MAX_COST_USD: '5',
      DEFAULT_MAX_COST_USD_PER_DAY: '0.0001',
      DEFAULT_MAX_COST_USD_PER_MONTH: '20.50',
      DEFAULT_MAX_REQUESTS: '1000',
      DEFAULT_MAX_REQUESTS_PER_MINUTE: '60',
      DEFAULT_MAX_TOKENS_PER_MINUTE: '40000',
      DEFAULT_MAX_STREAMS: '2',
    }),
  ).toMatchObject({
    DEFAULT_MAX_COST_USD: 5_000_000_000n,
    DEFAULT_MAX_COST_USD_PER_DAY: 100_000n,
    DEFAULT_MAX_COST_USD_PER_MONTH: 20_500_000_000n,
    DEFAULT_MAX_REQUESTS: 1_000,
    DEFAULT_MAX_REQUESTS_PER_MINUTE: 60,
    DEFAULT_MAX_TOKENS_PER_MINUTE: 40_000,
    DEFAULT_MAX_STREAMS: 2,
  });
});

it.each([
  ['DEFAULT_MAX_COST_USD', '5,00'],
  ['DEFAULT_MAX_COST_USD', '0'],
  ['DEFAULT_MAX_COST_USD_PER_MONTH', '$20'],
  ['DEFAULT_MAX_REQUESTS', '0'],
  ['DEFAULT_MAX_STREAMS', '1001'],
])('refuses to start with %s=%s', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(new RegExp(`${name}: must be`));
});
