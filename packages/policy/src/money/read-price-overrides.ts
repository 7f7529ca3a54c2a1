import { ConfigurationError, type EnvironmentSource } from '@aipassport/contracts';
import { createModelCatalogue, type ModelName } from '../catalogue/model-catalogue.js';
import { createPriceCatalogue } from './price-catalogue.js';
import { type PriceOverrides, parsePriceOverrides } from './price-overrides.js';

/** The settings about models and prices. Both servers have them. */
export interface PriceSettings {
  readonly PRICES_FILE?: string | undefined;
  readonly UNKNOWN_MODELS: readonly ModelName[];
}

/**
 * Reads the file that `PRICES_FILE` names, and adds the setting for unknown models.
 * @returns undefined if the operator set neither
 * @throws ConfigurationError that names the place and the rule
 */
export function readPriceOverrides(
  { readFile }: Pick<EnvironmentSource, 'readFile'>,
  { PRICES_FILE: path, UNKNOWN_MODELS: unknownAs }: PriceSettings,
): PriceOverrides | undefined {
  if (path === undefined && unknownAs.length === 0) return undefined;
  const parsed = parsePriceOverrides(path === undefined ? '{}' : requireFile(readFile, path));
  if (!parsed.ok) throw new ConfigurationError(`configuration: PRICES_FILE: ${parsed.message}`);
  const overrides = { ...parsed.overrides, unknownAs };
  requirePriced(overrides);
  return overrides;
}

function requirePriced(overrides: PriceOverrides): void {
  const models = createModelCatalogue({ ...overrides, unknownAs: [] });
  const prices = createPriceCatalogue({ ...overrides, unknownAs: [] });
  const isPriced = ({ upstream, id }: ModelName): boolean =>
    models.find(upstream, id) !== undefined && prices.findLimits(upstream, id) !== undefined;
  if (!overrides.unknownAs.every(isPriced))
    throw new ConfigurationError('configuration: UNKNOWN_MODELS: `price-as:` names a model without a known price');
}

function requireFile(readFile: EnvironmentSource['readFile'], path: string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw new ConfigurationError('configuration: PRICES_FILE: the file cannot be read', { cause });
  }
}
