import { divideUp } from './decimal.js';
import type { NanoUsd } from './nano-usd.js';
import { type Price, rateAt } from './price.js';
import { totalInputTokens, type Usage, type UsageKind, usageKinds } from './usage.js';

export type Cost =
  | { readonly ok: true; readonly nanoUsd: NanoUsd }
  /** Something was used that the price list has no rate for. */
  | { readonly ok: false; readonly unpriced: UsageKind };

/**
 * What a usage costs: the one function behind every estimate and every settlement. The exact sum, rounded up once,
 * to the next billionth of a dollar; more of any kind never costs less.
 *
 * @throws RangeError for a count that is negative or not whole: its reader should have refused it
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
