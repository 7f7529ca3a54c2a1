import { flexPrice } from './flex-price.js';
import type { NanoUsd } from './nano-usd.js';
import type { Price } from './price.js';

/** What an answer says about the processing of its request. */
export interface Processing {
  /** The model that answered. */
  readonly answeredBy?: string | undefined;
  /** The service tier, if it has its own price. */
  readonly tier?: 'flex' | undefined;
  /** What the vendor says it charged. */
  readonly chargedNanoUsd?: NanoUsd | undefined;
}

/**
 * The price of the model that the answer names, in the tier of the answer. If the answer names no known model, the
 * price of the requested name is used.
 */
export function priceOfAnswer(price: Price, { answeredBy, tier }: Processing): Price {
  const ofModel = (answeredBy === undefined ? undefined : price.ofModels?.get(answeredBy)) ?? price;
  return tier === 'flex' ? flexPrice(ofModel) : ofModel;
}
