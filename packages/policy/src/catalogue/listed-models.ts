import { findContextWindow, listGenaiNames } from '../money/genai-prices.js';
import { listRates } from '../money/listed-rates.js';
import type { Group } from './group.js';
import type { UpstreamEntry } from './upstream-entry.js';

/** Models with smaller windows are old, and too small for most requests. */
const leastWindow = 4_096;

export interface ListedModel {
  readonly id: string;
  readonly group: Group;
  readonly contextWindow: number;
}

/** The models of the price list that are served: those with a group, a context window and prices of their tokens. */
export function listServedModels(entry: UpstreamEntry): readonly ListedModel[] {
  const { priceList, listedModels } = entry;
  if (priceList === undefined || listedModels === undefined) return [];
  const { rules, names = [], windows = [] } = listedModels;
  const all = new Set([...listGenaiNames(priceList).flat(), ...names]);
  return [...all].flatMap((id) => {
    const group = findFirst(rules, id);
    if (group === undefined || !isPriced(entry, id, group)) return [];
    const contextWindow = findFirst(windows, id) ?? findContextWindow(priceList, id);
    return contextWindow === undefined || contextWindow < leastWindow ? [] : [{ id, group, contextWindow }];
  });
}

/**
 * Whether the entry says that a model is not served, for example because it runs tools at its own price. No other
 * model's price is a bound for such a model.
 */
export function isExcluded({ listedModels }: UpstreamEntry, id: string): boolean {
  const rule = listedModels?.rules.find(([pattern]) => new RegExp(pattern).test(id));
  return rule !== undefined && rule[1] === undefined;
}

function isPriced(entry: UpstreamEntry, id: string, group: Group): boolean {
  const dated = listRates(entry, id);
  return (
    dated.length > 0 &&
    dated.every(({ rates }) => rates.inputTokens !== undefined && (group === 'embeddings' || rates.outputTokens))
  );
}

function findFirst<T>(rules: readonly (readonly [names: string, value: T])[], id: string): T | undefined {
  return rules.find(([pattern]) => new RegExp(pattern).test(id))?.[1];
}
