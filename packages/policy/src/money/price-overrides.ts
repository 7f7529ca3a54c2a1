import { createHash } from 'node:crypto';
import { type Capability, parseCapability } from '../catalogue/capabilities.js';
import type { ModelName } from '../catalogue/model-catalogue.js';
import { isModelId, type Model } from '../catalogue/models.js';
import { createUpstreamCatalogue, type UpstreamCatalogue } from '../catalogue/upstream-catalogue.js';
import type { Upstream, UpstreamEntry } from '../catalogue/upstreams.js';
import { dialectFacts } from '../operations/dialects.js';
import { convertPrices } from './convert-prices.js';
import { scaleDecimal } from './decimal.js';
import { isCount, isJsonObject, type JsonObject } from './json.js';
import { listRates } from './listed-rates.js';
import { findModelLimits, type ModelLimits, mostImageTokens } from './model-limits.js';
import { parseUpstreamEntries } from './parse-upstream-entries.js';
import type { Rates } from './price.js';
import { Malformed, refuse, requireList, requireObject } from './read-document.js';

/** An operator's additions to the price list: further models, other prices, discounts. */
export interface PriceOverrides {
  readonly upstreams?: readonly UpstreamEntry[];
  readonly models: readonly OperatorModel[];
  readonly discounts: readonly Discount[];
  /** Each model's price and limits are used for all unknown models of its vendor. */
  readonly unknownAs: readonly ModelName[];
  /** The first eight hexadecimal digits of the document's SHA-256 hash. They are part of the catalogue's version. */
  readonly hash: string;
}

export interface OperatorModel {
  readonly model: Model;
  readonly limits: ModelLimits;
  /** undefined: the rates of the bundled list apply. */
  readonly rates: Rates | undefined;
}

/** A discount on every price of an upstream or of one model. The last matching discount counts. */
export interface Discount {
  readonly upstream: Upstream;
  readonly modelId: string | undefined;
  /** In millionths of a percent. A negative discount is a surcharge; some regions have one. */
  readonly microPercent: bigint;
}

export type PriceOverridesParse =
  | { readonly ok: true; readonly overrides: PriceOverrides }
  /** The message names the place in the document and the rule. */
  | { readonly ok: false; readonly message: string };

/**
 * Reads an operator's document: `{ "upstreams": see `parseUpstreamEntries`,
 * "models": [{ "upstream", "id", "capabilities", "context_window"?, "max_output_tokens"?, "max_image_tokens"?,
 * "prices"? }], "discounts": [{ "upstream", "model"?, "percent" }] }`. Prices have the names and units of
 * `@pydantic/genai-prices`: `input_mtok` is dollars for a million input tokens.
 */
export function parsePriceOverrides(json: string): PriceOverridesParse {
  try {
    const document = requireObject(JSON.parse(json), 'the document', ['upstreams', 'models', 'discounts']);
    const upstreams = parseUpstreamEntries(document.upstreams);
    const known = createUpstreamCatalogue(upstreams);
    const models = requireList(document.models, 'models').map((value, index) => parseModel(value, index, known));
    requireDistinct(models);
    const discounts = requireList(document.discounts, 'discounts').map((value, index) =>
      parseDiscount(value, index, known),
    );
    const hash = createHash('sha256').update(JSON.stringify(document)).digest('hex').slice(0, 8);
    return { ok: true, overrides: { upstreams, models, discounts, unknownAs: [], hash } };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, message: 'it is not JSON' };
    if (error instanceof Malformed) return { ok: false, message: error.message };
    throw error;
  }
}

const modelMembers = [
  'upstream',
  'id',
  'capabilities',
  'context_window',
  'max_output_tokens',
  'max_image_tokens',
  'prices',
];
const maxTokens = 100_000_000;
/** The prices of models that cost nothing. */
const free = { input_mtok: 0, output_mtok: 0 };

function parseModel(value: unknown, index: number, upstreams: UpstreamCatalogue): OperatorModel {
  const where = `models[${index}]`;
  const entry = requireObject(value, where, modelMembers);
  const upstream = requireUpstream(entry.upstream, where, upstreams);
  const id = requireModelId(entry.id, `${where}.id`);
  const capabilities = requireList(entry.capabilities, `${where}.capabilities`).map((name): Capability => {
    const capability = typeof name === 'string' ? parseCapability(name) : undefined;
    return capability ?? refuse(`${where}.capabilities has an unknown capability`);
  });
  if (capabilities.length === 0) refuse(`${where}.capabilities is missing`);
  const given = entry.prices ?? (upstream.isFree === true ? free : undefined);
  const rates = given === undefined ? undefined : requirePrices(given, `${where}.prices`);
  if (rates === undefined && listRates(upstream, id).length === 0) refuse(`${where}.prices is missing`);
  if (rates !== undefined) requireComplete(rates, capabilities, `${where}.prices`);
  const model = { upstream: upstream.name, id, capabilities };
  return { model, limits: parseLimits(entry, where, upstream, id), rates };
}

function parseLimits(entry: JsonObject, where: string, upstream: UpstreamEntry, id: string): ModelLimits {
  const known = findModelLimits(upstream.name, id);
  const read = (name: string, otherwise: number | undefined): number =>
    requireCount(entry[name] ?? otherwise, `${where}.${name}`);
  const maxInputTokens = read('context_window', known?.maxInputTokens);
  return {
    maxInputTokens,
    maxOutputTokens: read('max_output_tokens', known?.maxOutputTokens),
    maxImageTokens: read('max_image_tokens', known?.maxImageTokens ?? mostImageTokens),
    ...(dialectFacts[upstream.interfaces[0].dialect].mayInflatePictures && {
      inflatesPictures: true,
      sharedWindowTokens: maxInputTokens,
    }),
  };
}

function parseDiscount(value: unknown, index: number, upstreams: UpstreamCatalogue): Discount {
  const where = `discounts[${index}]`;
  const { upstream, model, percent } = requireObject(value, where, ['upstream', 'model', 'percent']);
  const negative = typeof percent === 'number' && percent < 0;
  const size = typeof percent === 'number' ? scaleDecimal(Math.abs(percent), 6) : undefined;
  if (size === undefined || size >= 100_000_000n)
    return refuse(`${where}.percent must be a number between -100 and 100`);
  return {
    upstream: requireUpstream(upstream, where, upstreams).name,
    modelId: model === undefined ? undefined : requireModelId(model, `${where}.model`),
    microPercent: negative ? -size : size,
  };
}

function requirePrices(value: unknown, where: string): Rates {
  const prices = requireObject(value, where);
  for (const price of Object.values(prices)) {
    const tiered =
      isJsonObject(price) && Array.isArray(price.tiers) && price.tiers.every(isTier) && isPrice(price.base);
    if (!tiered && !isPrice(price)) refuse(`${where} must be numbers, or objects of base and tiers`);
  }
  // Every member was checked above.
  const rates = convertPrices(prices as Parameters<typeof convertPrices>[0]);
  return rates ?? refuse(`${where} has an unknown name, or tiers that get cheaper`);
}

/** Requires the prices without which every call of the model would be refused. */
function requireComplete(rates: Rates, capabilities: readonly Capability[], where: string): void {
  const chats = capabilities.includes('chat');
  if (rates.inputTokens === undefined && (chats || capabilities.includes('embeddings')))
    refuse(`${where} has no input_mtok`);
  if (rates.outputTokens === undefined && chats) refuse(`${where} has no output_mtok`);
  if (Object.keys(rates).length === 0) refuse(`${where} is empty`);
}

function requireDistinct(models: readonly OperatorModel[]): void {
  const names = models.map(({ model }) => `${model.upstream}/${model.id}`);
  const index = names.findIndex((name, at) => names.indexOf(name) !== at);
  const first = names.indexOf(names[index] ?? '');
  if (index !== -1) refuse(`models[${index}] is the same model as models[${first}]`);
}

function isTier(tier: unknown): boolean {
  return isJsonObject(tier) && Number.isSafeInteger(tier.start) && isPrice(tier.start) && isPrice(tier.price);
}

/** Whether a value is a price in dollars. No unit costs more than a million dollars. */
function isPrice(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1_000_000;
}

function requireUpstream(value: unknown, where: string, upstreams: UpstreamCatalogue): UpstreamEntry {
  return (typeof value === 'string' ? upstreams.find(value) : undefined) ?? refuse(`${where}.upstream is not known`);
}

function requireModelId(value: unknown, where: string): string {
  return typeof value === 'string' && isModelId(value) ? value : refuse(`${where} is not a model identifier`);
}

function requireCount(value: unknown, where: string): number {
  if (isCount(value, maxTokens)) return value;
  return refuse(value === undefined ? `${where} is missing` : `${where} must be a whole number from 0 to ${maxTokens}`);
}
