import type { Model } from '../catalogue/models.js';
import { models as builtInModels } from '../catalogue/models.js';
import type { Upstream } from '../catalogue/upstreams.js';
import { divideUp } from './decimal.js';
import { genaiPricesVersion } from './genai-prices.js';
import { always, listRates } from './listed-rates.js';
import { findModelLimits, type ModelLimits } from './model-limits.js';
import { addSearchContent, toolRates } from './own-prices.js';
import type { Price, Rate, Rates } from './price.js';
import type { PriceOverrides } from './price-overrides.js';
import { resolveRates } from './resolve-rates.js';
import type { UsageKind } from './usage.js';

/** What every model costs and takes. Made once, at start: the integers of a request's price are ready by then. */
export interface PriceCatalogue {
  /** Names the price list and the operator's document: the same version, the same prices. */
  readonly version: string;
  /** @returns undefined for a model without a price, which is refused */
  readonly findPrice: (upstream: Upstream, modelId: string, now: Date) => Price | undefined;
  readonly findLimits: (upstream: Upstream, modelId: string) => ModelLimits | undefined;
}

interface DatedPrice {
  readonly holds: (now: Date) => boolean;
  readonly price: Price;
}

interface Entry {
  readonly limits: ModelLimits;
  readonly prices: readonly DatedPrice[];
}

export function createPriceCatalogue(overrides?: PriceOverrides): PriceCatalogue {
  const isChanged = overrides !== undefined && overrides.models.length + overrides.discounts.length > 0;
  const version = isChanged ? `${genaiPricesVersion}+overrides:${overrides.hash}` : genaiPricesVersion;
  const entries = new Map<string, Entry>();
  const add = (model: Model, limits: ModelLimits | undefined, rates: Rates | undefined): void => {
    const prices = listPrices(model, rates, version, findDiscount(overrides, model));
    if (limits !== undefined && prices.length > 0) entries.set(`${model.upstream}/${model.id}`, { limits, prices });
  };
  for (const model of builtInModels) add(model, findModelLimits(model.upstream, model.id), undefined);
  for (const { model, limits, rates } of overrides?.models ?? []) add(model, limits, rates);
  return {
    version,
    findPrice: (upstream, modelId, now) =>
      entries.get(`${upstream}/${modelId}`)?.prices.findLast(({ holds }) => holds(now))?.price,
    findLimits: (upstream, modelId) => entries.get(`${upstream}/${modelId}`)?.limits,
  };
}

function listPrices(
  model: Model,
  own: Rates | undefined,
  catalogueVersion: string,
  microPercent: bigint,
): DatedPrice[] {
  const build = (holds: DatedPrice['holds'], listed: Rates): DatedPrice => {
    const complete = { ...toolRates(model.upstream, model.id), ...listed };
    const named = discount(addSearchContent(model.upstream, model.id, complete), microPercent);
    const price: Price = {
      upstream: model.upstream,
      modelId: model.id,
      catalogueVersion,
      rates: resolveRates(named),
      named: new Set(Object.keys(named) as UsageKind[]), // the keys of Rates
    };
    return { holds, price };
  };
  if (own !== undefined) return [build(always, own)];
  return listRates(model.upstream, model.id).map(({ holds, rates }) => build(holds, rates));
}

function findDiscount(overrides: PriceOverrides | undefined, { upstream, id }: Model): bigint {
  const found = overrides?.discounts.findLast(
    (discount) => discount.upstream === upstream && (discount.modelId ?? id) === id,
  );
  return found?.microPercent ?? 0n;
}

const whole = 100_000_000n;

function discount(rates: Rates, microPercent: bigint): Rates {
  if (microPercent === 0n) return rates;
  const reduce = (picoUsd: bigint): bigint => divideUp(picoUsd * (whole - microPercent), whole);
  const reduceRate = ({ picoUsd, tiers }: Rate): Rate => ({
    picoUsd: reduce(picoUsd),
    tiers: tiers.map((tier) => ({ ...tier, picoUsd: reduce(tier.picoUsd) })),
  });
  return Object.fromEntries(Object.entries(rates).map(([kind, rate]) => [kind, reduceRate(rate)]));
}
