/**
 * Turns a number of a price list into an integer number of `10^-decimals`, going by its shortest decimal form: that
 * is what its author wrote, where the binary value is off by a hair. What is finer than that is rounded up.
 *
 * @returns undefined for a number that is negative or not finite
 */
export function scaleDecimal(value: number, decimals: number): bigint | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const digits = BigInt(whole + fraction);
  const shift = decimals + Number(exponent) - fraction.length;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
}

/** Rounds up: what is owed is never less than its exact amount. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
