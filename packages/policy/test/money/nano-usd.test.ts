import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDecimalUsd, formatUsd, maxNanoUsd, oneUsd, parseUsd } from '../../src/index.js';

it.each([
  ['0', 0n],
  ['1', oneUsd],
  ['1.5', 1_500_000_000n],
  ['1.50', 1_500_000_000n],
  ['0.000000001', 1n],
  ['1000000', maxNanoUsd],
])('reads %s', (text, amount) => {
  expect(parseUsd(text)).toBe(amount);
});

it.each([
  '',
  '-1',
  '+1',
  '1e3',
  '1,5',
  '1.',
  '.5',
  '01',
  '0.0000000001',
  '1000000.000000001',
  '99999999999',
  ' 1',
  '$1',
  '1_000',
  '0x10',
  'NaN',
  '１',
])('does not read %j', (text) => {
  expect(parseUsd(text)).toBeUndefined();
});

it.each([
  [0n, '$0.00'],
  [1n, '$0.000000001'],
  [3_400_000n, '$0.0034'],
  [3_410_001n, '$0.0034'],
  [9_999_999n, '$0.01'],
  [15_000_000n, '$0.015'],
  [99_000_000n, '$0.099'],
  [50_000_000n, '$0.05'],
  [1_500_000_000n, '$1.50'],
  [-1_500_000_000n, '-$1.50'],
  [1_234_567_890_000_000n, '$1,234,567.89'],
])('shows %d as %s', (amount, text) => {
  expect(formatUsd(amount)).toBe(text);
});

it('an amount that is written as a decimal text is read back exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: maxNanoUsd }), (amount) => {
      expect(parseUsd(formatDecimalUsd(amount))).toBe(amount);
    }),
  );
});

it('the amount that people see is wrong by at most half a cent and at most a tenth of the amount', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: maxNanoUsd }), (amount) => {
      const shown = parseUsd(formatUsd(amount).replaceAll(/[$,]/g, '')) ?? 0n;
      const error = shown > amount ? shown - amount : amount - shown;
      expect(error <= 5_000_000n && error * 10n <= amount).toBe(true);
    }),
  );
});
