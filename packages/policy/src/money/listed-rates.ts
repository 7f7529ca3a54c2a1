import type { UpstreamEntry } from '../catalogue/upstreams.js';
import { convertPrices } from './convert-prices.js';
import { type DatedPrices, findGenaiPrices } from './genai-prices.js';
import { findOwnPrices } from './own-prices.js';
import type { Rates } from './price.js';

/** Rates of a model, and when they apply. If several entries of a model apply, the last of them counts. */
export interface DatedRates {
  readonly holds: (now: Date) => boolean;
  readonly rates: Rates;
}

export const always = (): boolean => true;

/**
 * Lists the rates of a model, from our own table or from the bundled price list.
 * @returns an empty list when the model is unknown, or when one of its prices cannot be interpreted. In the second
 * case, all prices of the model are ignored. If only that price were ignored, another price of the model could be used
 * in its place.
 */
export function listRates(upstream: UpstreamEntry, modelId: string): readonly DatedRates[] {
  const found: DatedRates[] = [];
  for (const { holds, prices } of findPrices(upstream, modelId)) {
    const rates = convertPrices(prices);
    if (rates === undefined || Object.keys(rates).length === 0) return [];
    found.push({ holds, rates });
  }
  return found;
}

/** A dated version that is not in the price list has the price of its name without the date. */
function findPrices({ name, priceList }: UpstreamEntry, modelId: string): readonly DatedPrices[] {
  const own = findOwnPrices(name, modelId);
  if (own !== undefined) return [{ holds: always, prices: own }];
  const listed = findGenaiPrices(priceList, modelId);
  return listed ?? findGenaiPrices(priceList, modelId.replace(/-\d{4}-\d{2}-\d{2}$/, '')) ?? [];
}
