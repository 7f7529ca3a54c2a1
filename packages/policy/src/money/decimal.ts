/**
 * Converts a number of a price list to a whole number of units of `10^-decimals`. It uses the number's shortest decimal
 * form, which is what the author wrote; the binary value differs slightly. Digits beyond `decimals` are rounded up.
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

/** Divides and rounds up, so that a charge is never below its exact amount. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
