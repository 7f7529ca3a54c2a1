/** An amount of money: whole billionths of a US dollar. Never a floating-point number. */
export type NanoUsd = bigint;

/** One US dollar. */
export const oneUsd: NanoUsd = 1_000_000_000n;

/** The largest amount that can be written down: a million dollars, far below what a `bigint` column holds. */
export const maxNanoUsd: NanoUsd = 1_000_000n * oneUsd;

const amountPattern = /^(0|[1-9]\d{0,6})(?:\.(\d{1,9}))?$/;

/**
 * Reads an amount in dollars, such as `1.50`.
 * @returns undefined for anything else than digits with at most nine decimals, up to `maxNanoUsd`
 */
export function parseUsd(text: string): NanoUsd | undefined {
  const match = amountPattern.exec(text);
  if (match === null) return undefined;
  const [, whole = '0', decimals = ''] = match;
  const amount = BigInt(whole) * oneUsd + BigInt(decimals.padEnd(9, '0'));
  return amount <= maxNanoUsd ? amount : undefined;
}

/** An amount as people read it: `$1.50`; with as many decimals as it takes to show two digits of a small one: `$0.0034`. */
export function formatUsd(amount: NanoUsd): string {
  const sign = amount < 0n ? '-' : '';
  const nano = amount < 0n ? -amount : amount;
  const decimals = nano === 0n || nano >= oneUsd / 10n ? 2 : leadingZeros(nano) + 2;
  const step = 10n ** BigInt(9 - Math.min(decimals, 9));
  const rounded = (nano + step / 2n) / step;
  const text = (rounded * step).toString().padStart(10, '0');
  return `${sign}$${groupThousands(text.slice(0, -9))}.${trimZeros(text.slice(-9))}`;
}

/** Zeros after the decimal point and before the first other digit. */
function leadingZeros(nano: bigint): number {
  return 9 - nano.toString().length;
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Cents are always shown, further decimals only as far as they say something. */
function trimZeros(decimals: string): string {
  return decimals.slice(0, 2) + decimals.slice(2).replace(/0+$/, '');
}

/** As a decimal text that `parseUsd` reads back: `1.5`. Exact. */
export function formatDecimalUsd(amount: NanoUsd): string {
  const decimals = (amount % oneUsd).toString().padStart(9, '0').replace(/0+$/, '');
  return decimals === '' ? `${amount / oneUsd}` : `${amount / oneUsd}.${decimals}`;
}
