import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDecimalUsd, maxNanoUsd, parseTypedUsd } from '../../src/index.js';

it.each([
  ['2.50', '2.5'],
  ['0,20', '0.2'],
  ['.5', '0.5'],
  [',5', '0.5'],
  ['.500', '0.5'],
  ['10 $', '10'],
  ['$10', '10'],
  ['$ 1.50', '1.5'],
  ['US$ 3', '3'],
  ['3 usd', '3'],
  [' 0.0025 ', '0.0025'],
  ['0,125', '0.125'],
  ['1.000,00', '1000'],
  ['1.500', '1.5'],
  ['12,345.60', '12345.6'],
  ['1000', '1000'],
  ['1 000', '1000'],
  ['1’000', '1000'],
  ["1'000'000.00", '1000000'],
  ['$\u{a0}12’345.60', '12345.6'],
  ['12\u{202f}345,60\u{a0}$', '12345.6'],
  ['$12,345.60', '12345.6'],
  ['1,23,456.50', '123456.5'],
  ['2.500000001', '2.500000001'],
  ['1.234,5670 $', '1234.567'],
  ['$1,23,456.123456789', '123456.123456789'],
])('reads the amount %j as %s dollars', (text, dollars) => {
  expect(formatDecimalUsd(parseTypedUsd(text) ?? -1n)).toBe(dollars);
});

it.each([
  '',
  '1,000',
  '123,456',
  '5 €',
  '€5',
  'five',
  '-1',
  '1e3',
  '1.',
  ',500',
  '1.2.3',
  '1,2,3',
  '1.0000000001',
  '2000000',
  '٣',
  '1 00',
  '1’00.5',
  '1’000 000',
  '1,000,00',
  '1,23,45.50',
  '1,234,56,789.00',
  '1 , 5',
  '1.234,567',
  '$',
])('does not guess what the amount %j means', (text) => {
  expect(parseTypedUsd(text)).toBeUndefined();
});

it('does not search a long text for an amount', () => {
  expect(parseTypedUsd(`${'0'.repeat(40)}1`)).toBeUndefined();
  // this takes minutes if the time grows with the square of the length
  expect(parseTypedUsd(`1${' '.repeat(300_000)}x`)).toBeUndefined();
}, 10_000);

it('reads back every amount of whole cents, with a point or a comma', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: maxNanoUsd / 10_000_000n }), (cents) => {
      const text = `${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
      expect(parseTypedUsd(text)).toBe(cents * 10_000_000n);
      expect(parseTypedUsd(text.replace('.', ','))).toBe(cents * 10_000_000n);
    }),
  );
});
