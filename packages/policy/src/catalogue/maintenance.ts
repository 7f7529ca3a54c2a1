import { createPriceCatalogue } from '../money/price-catalogue.js';
import { type Model, models } from './models.js';

/** What `npm run update:catalogue` needs; no part of the servers. */
export { addNames, writeNames } from './add-names.js';
export { discoverNames } from './discover-names.js';
export { names } from './names.js';

/** Names that are served as far as the catalogue goes, and refused because they have no price or no limits. */
export function listUnpriced(): readonly Model[] {
  const prices = createPriceCatalogue();
  const now = new Date();
  return models.filter(({ upstream, id }) => prices.findPrice(upstream, id, now) === undefined);
}
