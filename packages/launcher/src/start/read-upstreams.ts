import { readFileSync } from 'node:fs';
import { defineEnvironment, filePath, optional } from '@aipassport/contracts';
import {
  createUpstreamCatalogue,
  type PriceOverrides,
  readPriceOverrides,
  readUpstreamKeys,
  type Upstream,
  type UpstreamEntry,
  unknownModels,
} from '@aipassport/policy';

type Variables = Readonly<Record<string, string | undefined>>;

const priceSettings = defineEnvironment({
  PRICES_FILE: optional(filePath, { description: 'As at the servers.' }),
  ...unknownModels,
});

/** Reads the settings of models and prices as the servers do. @throws ConfigurationError */
export function readPrices(variables: Variables): {
  readonly file: string | undefined;
  readonly overrides: PriceOverrides | undefined;
} {
  const source = { variables, readFile };
  const settings = priceSettings.read(source);
  return { file: settings.PRICES_FILE, overrides: readPriceOverrides(source, settings) };
}

/** The AI providers that the servers of one start know. */
export interface KnownUpstreams {
  readonly entries: readonly UpstreamEntry[];
  /** The upstreams for which the environment has a provider key. */
  readonly withKey: readonly Upstream[];
}

/**
 * Reads the built-in upstreams, and the upstreams that the operator adds in `PRICES_FILE`. @throws ConfigurationError
 */
export function readUpstreams(variables: Variables): KnownUpstreams {
  const { entries } = createUpstreamCatalogue(readPrices(variables).overrides?.upstreams);
  const withKey = readUpstreamKeys({ variables, readFile }, entries).map(({ name }) => name);
  return { entries, withKey };
}

function readFile(path: string): string {
  return readFileSync(path, 'utf8');
}
