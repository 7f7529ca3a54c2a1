import { expect, it } from '@jest/globals';
import { parseExactUsd, roundToNanoUsd } from '../../src/index.js';

const one = 10n ** 30n;

it('reads numbers of JSON and decimal texts exactly, in dollars and in cents', () => {
  for (const [text, exact] of [
    ['0', 0n],
    ['-0.0', 0n],
    ['0.06', (one * 6n) / 100n],
    ['12', 12n * one],
    ['-1.5', (-3n * one) / 2n],
    ['6.1e-07', (61n * one) / 100_000_000n],
    ['1E+2', 100n * one],
    // a double would be 0.1300000000000000044
    ['0.13000000000000000000000000001', 130000000000000000000000000010n],
    ['0.000000000000000000000000000001', 1n],
  ] as const)
    expect([text, parseExactUsd(text)]).toEqual([text, exact]);
  expect(parseExactUsd('123.78912', 'cent')).toBe((12_378_912n * one) / 10_000_000n);
});

it('refuses what is not a number, and digits that would be lost', () => {
  for (const text of [
    '',
    ' 1',
    '1,5',
    '.5',
    '1.',
    '0x1',
    'NaN',
    'Infinity',
    '1e',
    '1e999',
    '1e-31',
    `${'9'.repeat(16)}`,
  ])
    expect([text, parseExactUsd(text)]).toEqual([text, undefined]);
  expect(parseExactUsd('0.00000000000000000000000000001', 'cent')).toBeUndefined();
});

it('rounds a sum to the nearest nano-dollar, and half of one away from zero', () => {
  const round = (text: string) => roundToNanoUsd(parseExactUsd(text) ?? -1n);
  expect(round('0.0000000014')).toBe(1n);
  expect(round('0.0000000015')).toBe(2n);
  expect(round('-0.0000000014')).toBe(-1n);
  expect(round('-0.0000000015')).toBe(-2n);
  expect(round('3')).toBe(3_000_000_000n);
});
