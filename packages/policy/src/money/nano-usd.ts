/** An amount of money: whole billionths of a US dollar. Never a floating-point number. */
export type NanoUsd = bigint;

/** One US dollar. */
export const oneUsd: NanoUsd = 1_000_000_000n;

/** The largest amount that `parseUsd` reads: a million dollars, far below the largest value of a `bigint` column. */
export const maxNanoUsd: NanoUsd = 1_000_000n * oneUsd;

const amountPattern = /^(0|[1-9]\d{0,6})(?:\.(\d{1,9}))?$/;

/**
 * Reads an amount in dollars, such as `1.50`.
 * @returns undefined unless the text is digits with at most nine decimals, and at most `maxNanoUsd`
 */
export function parseUsd(text: string): NanoUsd | undefined {
  const match = amountPattern.exec(text);
  if (match === null) return undefined;
  const [, whole = '0', decimals = ''] = match;
  const amount = BigInt(whole) * oneUsd + BigInt(decimals.padEnd(9, '0'));
  return amount <= maxNanoUsd ? amount : undefined;
}

/** Formats an amount for people: `$1.50`. A small amount gets enough decimals for two significant digits: `$0.0034`. */
export function formatUsd(amount: NanoUsd): string {
  const sign = amount < 0n ? '-' : '';
  const nano = amount < 0n ? -amount : amount;
  const decimals = nano === 0n || nano >= oneUsd / 10n ? 2 : leadingZeros(nano) + 2;
  const step = 10n ** BigInt(9 - Math.min(decimals, 9));
  const rounded = (nano + step / 2n) / step;
  const shown = rounded * step;
  return `${sign}$${dollars.format(shown / oneUsd)}.${trimZeros((shown % oneUsd).toString().padStart(9, '0'))}`;
}

/** How many zeros there are between the decimal point and the first other digit. */
function leadingZeros(nano: bigint): number {
  return 9 - nano.toString().length;
}

const dollars = new Intl.NumberFormat('en-US');

/** Keeps the cents, and removes zeros at the end of further decimals. */
function trimZeros(decimals: string): string {
  return decimals.slice(0, 2) + decimals.slice(2).replace(/(?<!0)0+$/, '');
}

/** Formats an amount exactly, as a decimal text that `parseUsd` reads back: `1.5`. */
export function formatDecimalUsd(amount: NanoUsd): string {
  const decimals = (amount % oneUsd)
    .toString()
    .padStart(9, '0')
    .replace(/(?<!0)0+$/, '');
  return decimals === '' ? `${amount / oneUsd}` : `${amount / oneUsd}.${decimals}`;
}
