import { createPriceCatalogue } from '../money/price-catalogue.js';
import { type Model, models } from './models.js';
import { builtInUpstreams } from './upstreams.js';

/** This module is for `npm run update:catalogue`. The servers do not use it. */
export { addNames, writeNames } from './add-names.js';
export { discoverNames } from './discover-names.js';
export { names } from './names.js';

/** The names of the price lists of all built-in upstreams. */
export const priceLists: readonly string[] = builtInUpstreams.map(({ priceList }) => priceList);

/** Models in the catalogue that the proxy refuses, because they have no price or no limits. */
export function listUnpriced(now: Date): readonly Model[] {
  const prices = createPriceCatalogue();
  return models.filter(({ upstream, id }) => prices.findPrice(upstream, id, now) === undefined);
}
