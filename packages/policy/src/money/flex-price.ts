import type { Upstream } from '../catalogue/upstreams.js';
import { divideUp } from './decimal.js';
import type { Price, Rate } from './price.js';
import { type UsageKind, usageKinds } from './usage.js';

interface FlexOffer {
  readonly models: RegExp;
  readonly percentOfPrice: bigint;
}

/**
 * What flex processing costs. The bundled price list does not say.
 *
 * OpenAI: tokens at the rates of the Batch API, which are half of the standard ones, cached or not
 * (https://platform.openai.com/docs/guides/flex-processing, https://platform.openai.com/docs/pricing "Flex").
 * Google: half of the standard rates (https://ai.google.dev/gemini-api/docs/flex-inference).
 */
const offers: Readonly<Partial<Record<Upstream, FlexOffer>>> = {
  openai: { models: /^(o3|o4-mini)(-\d|$)|^gpt-([5-9]|\d\d)/, percentOfPrice: 50n },
  google: { models: /^gemini-/, percentOfPrice: 50n },
};

/** The price of a request that was processed as flex; of a model that has no flex, its standard price. */
export function flexPrice(price: Price): Price {
  const offer = offers[price.upstream];
  if (offer === undefined || !offer.models.test(price.modelId)) return price;
  const reduce = (picoUsd: bigint): bigint => divideUp(picoUsd * offer.percentOfPrice, 100n);
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

/** Tools are billed by the use, in every tier alike. */
function isTokens(kind: UsageKind): boolean {
  return kind.endsWith('Tokens');
}
