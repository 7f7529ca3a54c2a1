/** Billionths of a US dollar: sums of money must be exact, and floating-point numbers are not. */
export type NanoUsd = bigint;

const shownStep = 100_000n; // a hundredth of a cent

/** Parses the proxy's decimal texts, which have at most nine decimals: `0.0125`. */
export function parseUsd(text: string): NanoUsd {
  const [dollars = '0', decimals = ''] = text.split('.');
  return BigInt(dollars + decimals.padEnd(9, '0'));
}

/**
 * Writes `$4.9987`: rounded down to a hundredth of a cent, with at least two decimals. A positive amount below a
 * hundredth of a cent is `less than $0.0001`.
 */
export function formatUsd(amount: NanoUsd): string {
  if (amount > 0n && amount < shownStep) return 'less than $0.0001';
  const digits = (amount / shownStep).toString().padStart(5, '0');
  return `$${digits.slice(0, -4)}.${digits.slice(-4).replace(/0{1,2}$/, '')}`;
}
