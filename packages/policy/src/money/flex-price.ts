import { divideUp } from './decimal.js';
import type { Price, Rate } from './price.js';
import { type UsageKind, usageKinds } from './usage.js';

/** The price of a request that was processed as flex. For a model without flex, it is the standard price. */
export function flexPrice(price: Price): Price {
  const { flex } = price.billing;
  if (flex === undefined || !new RegExp(flex.models).test(price.modelId)) return price;
  const reduce = (picoUsd: bigint): bigint => divideUp(picoUsd * BigInt(flex.percentOfPrice), 100n);
  const reduceRate = ({ picoUsd, tiers }: Rate): Rate => ({
    picoUsd: reduce(picoUsd),
    tiers: tiers.map((tier) => ({ ...tier, picoUsd: reduce(tier.picoUsd) })),
  });
  const rates = usageKinds.flatMap((kind) => {
    const rate = price.rates[kind];
    return rate === undefined ? [] : [[kind, isTokens(kind) ? reduceRate(rate) : rate] as const];
  });
  return { ...price, rates: Object.fromEntries(rates) };
}

/** Flex makes only tokens cheaper. All else, such as a use of a tool, has the same price in every service tier. */
function isTokens(kind: UsageKind): boolean {
  return kind.endsWith('Tokens');
}
