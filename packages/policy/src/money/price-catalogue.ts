import type { ModelName } from '../catalogue/model-catalogue.js';
import { models as builtInModels, isModelId, type Model } from '../catalogue/models.js';
import { listReferredModels } from '../catalogue/referred-models.js';
import { createUpstreamCatalogue } from '../catalogue/upstream-catalogue.js';
import type { Upstream, UpstreamEntry } from '../catalogue/upstreams.js';
import { divideUp } from './decimal.js';
import { genaiPricesVersion } from './genai-prices.js';
import { highestRates, jointLimits } from './highest-rates.js';
import { always, listRates } from './listed-rates.js';
import { findModelLimits, type ModelLimits } from './model-limits.js';
import { addSearchContent, toolRates } from './own-prices.js';
import type { Price, Rate, Rates } from './price.js';
import type { PriceOverrides } from './price-overrides.js';
import { resolveRates } from './resolve-rates.js';
import type { UsageKind } from './usage.js';

/**
 * The prices and limits of all models. Created once, at start, so that requests need not convert prices to integers.
 */
export interface PriceCatalogue {
  /**
   * Identifies the price list and the operator's `PRICES_FILE`. Two catalogues with the same version have the same
   * prices for known models.
   */
  readonly version: string;
  /** @returns undefined for a model without a price. Requests for it are refused. */
  readonly findPrice: (upstream: Upstream, modelId: string, now: Date) => Price | undefined;
  readonly findLimits: (upstream: Upstream, modelId: string) => ModelLimits | undefined;
}

interface Entry {
  readonly limits: ModelLimits;
  readonly priceAt: (now: Date) => Price | undefined;
}

export function createPriceCatalogue(overrides?: PriceOverrides): PriceCatalogue {
  const isChanged = overrides !== undefined && overrides.models.length + overrides.discounts.length > 0;
  const version = isChanged ? `${genaiPricesVersion}+overrides:${overrides.hash}` : genaiPricesVersion;
  const entries = listEntries(overrides, version);
  const find = (upstream: Upstream, id: string): Entry | undefined => entries.get(`${upstream}/${id}`);
  const unknown = new Map(
    (overrides?.unknownAs ?? []).map(({ upstream, id }) => [upstream, lendEntry(id, find(upstream, id))]),
  );
  const findEntry = (upstream: Upstream, id: string): Entry | undefined =>
    find(upstream, id) ?? (isModelId(id) ? unknown.get(upstream) : undefined);
  return {
    version,
    findPrice: (upstream, modelId, now) => findEntry(upstream, modelId)?.priceAt(now),
    findLimits: (upstream, modelId) => findEntry(upstream, modelId)?.limits,
  };
}

/**
 * The entries of all names: our models, then the operator's models, then the aliases, which may refer to models of
 * both kinds.
 */
function listEntries(overrides: PriceOverrides | undefined, version: string): ReadonlyMap<string, Entry> {
  const upstreams = createUpstreamCatalogue(overrides?.upstreams);
  const entries = new Map<string, Entry>();
  const find = (upstream: Upstream, id: string): Entry | undefined => entries.get(`${upstream}/${id}`);
  const add = ({ upstream, id }: ModelName, entry: Entry | undefined): void => {
    if (entry !== undefined) entries.set(`${upstream}/${id}`, entry);
  };
  const list = (model: Model, limits = findModelLimits(model.upstream, model.id), rates?: Rates) =>
    listEntry({
      model,
      upstream: upstreams.find(model.upstream),
      limits,
      rates,
      version,
      microPercent: findDiscount(overrides, model),
    });
  for (const model of builtInModels) if (model.aliasOf === undefined) add(model, list(model));
  for (const { model, limits, rates } of overrides?.models ?? []) add(model, list(model, limits, rates));
  for (const model of builtInModels) {
    if (model.aliasOf === undefined || find(model.upstream, model.id) !== undefined) continue;
    add(
      model,
      joinEntries(
        model,
        model.aliasOf.map((id) => find(model.upstream, id)),
      ),
    );
  }
  return entries;
}

interface Listing {
  readonly model: Model;
  /** undefined: the upstream of the model is unknown. */
  readonly upstream: UpstreamEntry | undefined;
  readonly limits: ModelLimits | undefined;
  /** The operator's prices. undefined: the prices of the price list apply. */
  readonly rates: Rates | undefined;
  readonly version: string;
  readonly microPercent: bigint;
}

function listEntry({ model, upstream, limits, rates: own, version, microPercent }: Listing): Entry | undefined {
  if (upstream === undefined) return undefined;
  const { id } = model;
  const { billing } = upstream;
  const build = (listed: Rates): Price => {
    const named = discount(addSearchContent(billing, id, { ...toolRates(billing, id), ...listed }), microPercent);
    return { ...buildPrice(model, version, named), billing };
  };
  const dated = own === undefined ? listRates(upstream, id) : [{ holds: always, rates: own }];
  const prices = dated.map(({ holds, rates }) => ({ holds, price: build(rates) }));
  if (limits === undefined || prices.length === 0) return undefined;
  return { limits, priceAt: (now) => prices.findLast(({ holds }) => holds(now))?.price };
}

function buildPrice({ upstream, id }: ModelName, catalogueVersion: string, named: Rates): Omit<Price, 'billing'> {
  return {
    upstream,
    modelId: id,
    catalogueVersion,
    rates: resolveRates(named),
    named: new Set(Object.keys(named) as UsageKind[]), // Object.keys loses the type of the keys of Rates
  };
}

/**
 * At each moment, an alias has the highest price that its models have then: see `highestRates`. For its limits, see
 * `jointLimits`.
 */
function joinEntries(name: ModelName, parts: readonly (Entry | undefined)[]): Entry | undefined {
  const entries = parts.filter((part) => part !== undefined);
  const limits = jointLimits(entries.map((entry) => entry.limits));
  if (limits === undefined || entries.length < parts.length) return undefined;
  return {
    limits,
    priceAt: (now) => {
      const prices = entries.flatMap((entry) => entry.priceAt(now) ?? []);
      const [first] = prices;
      if (first === undefined || prices.length < entries.length) return undefined;
      // A kind is billed separately if any of the models has a price for it.
      const named = new Set(prices.flatMap((price) => [...price.named]));
      return {
        ...first,
        modelId: prices.length === 1 ? first.modelId : name.id,
        rates: highestRates(prices.map(({ rates }) => rates)),
        named,
        ofModels: new Map(
          prices.flatMap((price) =>
            [price.modelId, ...listReferredModels({ ...name, id: price.modelId })].map((id) => [id, price] as const),
          ),
        ),
      };
    },
  };
}

/**
 * Gives unknown models the entry of a known model. The version of the catalogue, which the ledger records, names that
 * model.
 */
function lendEntry(referenceId: string, entry: Entry | undefined): Entry | undefined {
  if (entry === undefined) return undefined;
  const priceAt: Entry['priceAt'] = (now) => {
    const price = entry.priceAt(now);
    return price && { ...price, catalogueVersion: `${price.catalogueVersion}+unknown-as:${referenceId}` };
  };
  return { limits: entry.limits, priceAt };
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
