import { ConfigurationError, type EnvironmentSource } from '@aipassport/contracts';
import { type PriceOverrides, parsePriceOverrides } from './price-overrides.js';

/**
 * Reads the file that `PRICES_FILE` names, the same for both servers.
 * @returns undefined where none is named
 * @throws ConfigurationError that names the place in the file and the rule
 */
export function readPriceOverrides(
  { readFile }: Pick<EnvironmentSource, 'readFile'>,
  path: string | undefined,
): PriceOverrides | undefined {
  if (path === undefined) return undefined;
  const parsed = parsePriceOverrides(requireFile(readFile, path));
  if (!parsed.ok) throw new ConfigurationError(`configuration: PRICES_FILE: ${parsed.message}`);
  return parsed.overrides;
}

function requireFile(readFile: EnvironmentSource['readFile'], path: string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw new ConfigurationError('configuration: PRICES_FILE: the file cannot be read', { cause });
  }
}
