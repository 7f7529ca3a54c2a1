import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDecimalUsd, formatUsd, parseUsd } from '../src/index.js';

it.each([
  ['0', 0n],
  ['1', 1_000_000_000n],
  ['1.5', 1_500_000_000n],
  ['0.000000001', 1n],
  ['999999999999.999999999', 999_999_999_999_999_999_999n],
])('reads %s', (text, amount) => {
  expect(parseUsd(text)).toBe(amount);
});

it.each(['', '-1', '+1', '1e3', '1,5', '1.', '.5', '0.0000000001', ' 1', '$1', '1_000', '0x10', 'NaN'])(
  'does not read %j',
  (text) => {
    expect(parseUsd(text)).toBeUndefined();
  },
);

it.each([
  [0n, '$0.00'],
  [1n, '$0.000000001'],
  [3_400_000n, '$0.0034'],
  [3_410_001n, '$0.0035'],
  [9_999_999n, '$0.0100'],
  [10_000_000n, '$0.01'],
  [1_500_000_000n, '$1.50'],
  [1_234_567_890_000_000n, '$1,234,567.89'],
])('shows %d as %s', (amount, text) => {
  expect(formatUsd(amount)).toBe(text);
});

it('reads back exactly what it wrote, and never shows less than there is', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (amount) => {
      expect(parseUsd(formatDecimalUsd(amount))).toBe(amount);
      expect(parseUsd(formatUsd(amount).replaceAll(/[$,]/g, ''))).toBeGreaterThanOrEqual(amount);
    }),
  );
});
