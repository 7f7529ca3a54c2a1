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
