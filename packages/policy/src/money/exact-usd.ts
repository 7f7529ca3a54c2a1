import { type NanoUsd, oneUsd } from './nano-usd.js';

/** An amount of a bill: whole units of `10^-30` US dollars, so that every amount that a vendor states is exact. */
export type ExactUsd = bigint;

const decimals = 30;
const exactPerNano = 10n ** BigInt(decimals) / oneUsd;

/** A JSON number, or a decimal text. The lengths bound the work for a hostile text. */
const numberPattern = /^(-?)(\d{1,15})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * Reads the text of an amount in US dollars or in cents, such as `0.06`, `123.78912` or `6.1e-07`. No floating-point
 * number is involved.
 *
 * @returns undefined for a text that is not a number, or has more digits than `ExactUsd` can hold
 */
export function parseExactUsd(text: string, unit: 'dollar' | 'cent' = 'dollar'): ExactUsd | undefined {
  const match = numberPattern.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = decimals + Number(exponent) - fraction.length - (unit === 'cent' ? 2 : 0);
  const digits = BigInt(`${sign}${whole}${fraction}`);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

/** Rounds a sum to the nearest nano-US-dollar, and half of one away from zero. */
export function roundToNanoUsd(exact: ExactUsd): NanoUsd {
  const half = exact < 0n ? -exactPerNano / 2n : exactPerNano / 2n;
  return (exact + half) / exactPerNano;
}
