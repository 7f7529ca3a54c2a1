import { createPriceCatalogue } from '../money/price-catalogue.js';
import { type Model, models } from './models.js';

/** This module is for `npm run update:catalogue`. The servers do not use it. */
export { addNames, writeNames } from './add-names.js';
export { discoverNames } from './discover-names.js';
export { names } from './names.js';

/** Models in the catalogue that the proxy refuses, because they have no price or no limits. */
export function listUnpriced(now: Date): readonly Model[] {
  const prices = createPriceCatalogue();
  return models.filter(({ upstream, id }) => prices.findPrice(upstream, id, now) === undefined);
}
