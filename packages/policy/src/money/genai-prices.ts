import { readFileSync } from 'node:fs';
import {
  type ConditionalPrice,
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type ModelPrice,
} from '@pydantic/genai-prices';

/**
 * The price list in the package `@pydantic/genai-prices`. Nothing is fetched at run time: prices change only when an
 * operator or we update the dependency with `npm run update:catalogue`.
 */
export const genaiPricesVersion = `genai-prices@${readVersion()}`;

/** Reads the file next to the package's code, because the package does not export its `package.json`. */
function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.resolve('@pydantic/genai-prices')), 'utf8'),
  );
  if (
    typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
  ) {
    return manifest.version;
  }
  throw new Error('@pydantic/genai-prices has no version in its package.json');
}

/**
 * Prices of one model, and when they apply: from a date, or at hours of the day. If several entries of a model apply,
 * the last of them counts.
 */
export interface DatedPrices {
  readonly holds: (now: Date) => boolean;
  readonly prices: ModelPrice;
}

/**
 * @param priceList the name of the vendor in the package; undefined: the package does not have it
 * @returns undefined when the list does not know the model
 */
export function findGenaiPrices(priceList: string | undefined, modelId: string): readonly DatedPrices[] | undefined {
  const model = priceList === undefined ? undefined : findModel(priceList, modelId);
  return model && listDatedPrices(model);
}

/** The context window of a model, in tokens; undefined when the list does not have it. */
export function findContextWindow(priceList: string, modelId: string): number | undefined {
  return findModel(priceList, modelId)?.context_window;
}

function findModel(priceList: string, modelId: string): ModelInfo | undefined {
  return findProvider({ providerId: priceList })?.models.find(({ match }) => matches(match, modelId));
}

function matches(logic: MatchLogic, id: string): boolean {
  if ('or' in logic) return logic.or.some((part) => matches(part, id));
  if ('and' in logic) return logic.and.every((part) => matches(part, id));
  if ('equals' in logic) return id === logic.equals;
  if ('starts_with' in logic) return id.startsWith(logic.starts_with);
  if ('ends_with' in logic) return id.endsWith(logic.ends_with);
  if ('contains' in logic) return id.includes(logic.contains);
  return new RegExp(logic.regex).test(id);
}

/**
 * The names of each model in the list: its identifier and its exact other names. Prefixes and other patterns are left
 * out.
 */
export function listGenaiNames(priceList: string): readonly (readonly string[])[] {
  const models = findProvider({ providerId: priceList })?.models ?? [];
  return models.map(({ id, match }) => [...new Set([id, ...listEqual(match)])]);
}

function listEqual(logic: MatchLogic): readonly string[] {
  if ('or' in logic) return logic.or.flatMap(listEqual);
  return 'equals' in logic ? [logic.equals] : [];
}

function listDatedPrices({ prices }: ModelInfo): readonly DatedPrices[] {
  if (!Array.isArray(prices)) return [{ holds: () => true, prices }];
  // The first entry has the oldest prices. They apply when no other entry does.
  return prices.map((dated, index) => ({
    holds: index === 0 ? () => true : readCondition(dated.constraint),
    prices: dated.prices,
  }));
}

function readCondition(constraint: ConditionalPrice['constraint']): DatedPrices['holds'] {
  if (constraint === undefined) return () => true;
  if (constraint.type === 'start_date') {
    const start = new Date(constraint.start_date);
    return (now) => now >= start;
  }
  const start = parseTimeOfDay(constraint.start_time);
  const end = parseTimeOfDay(constraint.end_time);
  return (now) => {
    const second = (Math.floor(now.getTime() / 1000) % daySeconds) + now.getUTCMilliseconds() / 1000;
    return end < start ? second >= start || second < end : second >= start && second < end;
  };
}

const daySeconds = 86_400;

/** Seconds since midnight in UTC of a time such as `16:30:00Z` or `16:30:00+08:00`. */
function parseTimeOfDay(text: string): number {
  const milliseconds = Date.parse(`1970-01-02T${text}`);
  if (Number.isNaN(milliseconds)) throw new Error('genai-prices: a time of day cannot be parsed');
  return (milliseconds / 1000) % daySeconds;
}
