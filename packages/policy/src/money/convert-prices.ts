import type { ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import { divideUp, scaleDecimal } from './decimal.js';
import type { Rate, Rates } from './price.js';
import type { UsageKind } from './usage.js';

/** The kind of usage to which a price of the list applies, and the number of units that the price covers. */
interface Unit {
  readonly kind: UsageKind;
  readonly per: bigint;
}

const million = 1_000_000n;
const tokens = (kind: UsageKind): Unit => ({ kind, per: million });

const units: Readonly<Record<string, Unit>> = {
  input_mtok: tokens('inputTokens'),
  input_audio_mtok: tokens('inputAudioTokens'),
  input_image_mtok: tokens('inputImageTokens'),
  input_video_mtok: tokens('inputVideoTokens'),
  cache_read_mtok: tokens('cacheReadTokens'),
  cache_audio_read_mtok: tokens('cacheReadAudioTokens'),
  cache_image_read_mtok: tokens('cacheReadImageTokens'),
  cache_write_mtok: tokens('cacheWriteTokens'),
  cache_write_1h_mtok: tokens('cacheWrite1hTokens'),
  output_mtok: tokens('outputTokens'),
  output_audio_mtok: tokens('outputAudioTokens'),
  output_image_mtok: tokens('outputImageTokens'),
  input_mchars: { kind: 'inputCharacters', per: million },
  input_audio_hours: { kind: 'audioSeconds', per: 3_600n },
  // This name is ours: no model of the price list is billed by the picture, so the list has no name for such a price.
  output_images_kcount: { kind: 'outputImages', per: 1_000n },
  web_searches_kcount: { kind: 'webSearches', per: 1_000n },
};

/** Prices that are not used. The proxy refuses file searches. `audio_hours` does not distinguish input from output. */
const unusedPrices = new Set(['storage_searches_kcount', 'audio_hours']);

/**
 * Turns a model's price list into integers.
 * @returns undefined when a price has an unknown name, because the vendor would bill a kind of usage that we do not
 * count; also when a price is not a number from 0 upwards, or falls for longer prompts
 */
export function convertPrices(prices: ModelPrice): Rates | undefined {
  const rates: Partial<Record<UsageKind, Rate>> = {};
  for (const [key, price] of Object.entries(prices)) {
    if (price === undefined || unusedPrices.has(key)) continue;
    const unit = units[key];
    if (unit === undefined) return undefined;
    const rate = convertRate(price, unit.per);
    if (rate === undefined) return undefined;
    rates[unit.kind] = rate;
  }
  return rates;
}

function convertRate(price: number | TieredPrices, per: bigint): Rate | undefined {
  if (typeof price === 'number') {
    const picoUsd = toPicoUsd(price, per);
    return picoUsd === undefined ? undefined : { picoUsd, tiers: [] };
  }
  const picoUsd = toPicoUsd(price.base, per);
  if (picoUsd === undefined) return undefined;
  const tiers = price.tiers
    .map((tier) => ({ aboveInputTokens: tier.start, picoUsd: toPicoUsd(tier.price, per) ?? -1n }))
    .sort((a, b) => a.aboveInputTokens - b.aboveInputTokens);
  // An estimate takes the price for the longest possible prompt. If longer prompts were cheaper, a shorter prompt could
  // cost more than the estimate.
  const ascending = tiers.every((tier, index) => tier.picoUsd >= (tiers[index - 1]?.picoUsd ?? picoUsd));
  return ascending ? { picoUsd, tiers } : undefined;
}

function toPicoUsd(usd: number, per: bigint): bigint | undefined {
  const scaled = scaleDecimal(usd, 18);
  // Converts units of 10^-18 dollars to units of 10^-12 dollars, and the price of `per` units to the price of one unit.
  return scaled === undefined ? undefined : divideUp(scaled, million * per);
}
