import { divideUp } from './decimal.js';
import type { NanoUsd } from './nano-usd.js';
import { type Price, rateAt } from './price.js';
import { totalInputTokens, type Usage, type UsageKind, usageKinds } from './usage.js';

export type Cost =
  | { readonly ok: true; readonly nanoUsd: NanoUsd }
  /** The price list has no rate for this kind of usage. */
  | { readonly ok: false; readonly unpriced: UsageKind };

/**
 * Calculates the cost of a usage. Every estimate and every settlement uses this function. The exact sum is rounded up
 * once, to the next nano-dollar. More usage of any kind never costs less.
 *
 * @throws RangeError for a count that is negative or not whole. The code that reads a usage refuses such a count
 * earlier.
 */
export function costOf(price: Price, usage: Usage): Cost {
  const inputTokens = totalInputTokens(usage);
  let picoUsd = 0n;
  for (const kind of usageKinds) {
    const count = usage[kind];
    if (count === undefined || count === 0) continue;
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${kind} is not a count`);
    const rate = price.rates[kind];
    if (rate === undefined) return { ok: false, unpriced: kind };
    picoUsd += BigInt(count) * rateAt(rate, inputTokens);
  }
  return { ok: true, nanoUsd: divideUp(picoUsd, 1_000n) };
}
