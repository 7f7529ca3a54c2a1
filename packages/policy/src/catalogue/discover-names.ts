import { listGenaiNames } from '../money/genai-prices.js';
import { listRates } from '../money/listed-rates.js';
import { findModelLimits } from '../money/model-limits.js';
import type { Group } from './group.js';
import { nameRules } from './name-rules.js';
import { findBuiltInModel } from './referred-models.js';
import { builtInUpstreams, type Upstream, type UpstreamEntry } from './upstreams.js';

/** A name of a model that is in the price list and not in the catalogue. */
export interface DiscoveredName {
  readonly upstream: Upstream;
  readonly group: Group;
  readonly id: string;
  /** The name of which this name is a version: the same text without the date, with the same price. */
  readonly versionOf?: string;
}

export interface Discovery {
  readonly served: readonly DiscoveredName[];
  /** Names that cannot be added before their limits are in `model-limits.ts`. */
  readonly withoutLimits: readonly DiscoveredName[];
}

/** Finds the names that the installed price list has and the catalogue lacks. */
export function discoverNames(): Discovery {
  const found = builtInUpstreams.flatMap((upstream) =>
    listGenaiNames(upstream.priceList).flatMap((names) =>
      names.flatMap((id) => describeName(upstream, id, names) ?? []),
    ),
  );
  const isBounded = ({ upstream, id }: DiscoveredName): boolean => findModelLimits(upstream, id) !== undefined;
  return { served: found.filter(isBounded), withoutLimits: found.filter((name) => !isBounded(name)) };
}

/**
 * @returns undefined if the name is in the catalogue, has no group in `nameRules`, or has a price that we cannot
 * interpret
 */
function describeName(entry: UpstreamEntry, id: string, names: readonly string[]): DiscoveredName | undefined {
  const upstream = entry.name;
  const group = nameRules[upstream]?.find(([pattern]) => pattern.test(id))?.[1];
  if (group === undefined || findBuiltInModel({ upstream, id }) !== undefined) return undefined;
  if (listRates(entry, id).length === 0) return undefined;
  const undated = id.replace(/-(\d{4}-\d{2}-\d{2}|\d{8})$/, '');
  const isVersion = undated !== id && names.includes(undated);
  return { upstream, group, id, ...(isVersion && { versionOf: undated }) };
}
