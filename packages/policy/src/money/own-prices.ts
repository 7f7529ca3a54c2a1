import type { ModelPrice } from '@pydantic/genai-prices';
import type { Billing } from '../catalogue/billing.js';
import type { Upstream } from '../catalogue/upstreams.js';
import type { Rate, Rates } from './price.js';

/** https://developers.openai.com/api/docs/models/gpt-4o-audio-preview and .../gpt-4o-mini-audio-preview */
const gpt4oAudio = { input_mtok: 2.5, output_mtok: 10, input_audio_mtok: 40, output_audio_mtok: 80 };
const gpt4oMiniAudio = { input_mtok: 0.15, output_mtok: 0.6, input_audio_mtok: 10, output_audio_mtok: 20 };

/**
 * The price of a search with a model that does not reason: https://platform.openai.com/docs/pricing, "Built-in tools".
 */
const previewSearch = { web_searches_kcount: 25 };
const gpt4oSearch = { input_mtok: 2.5, output_mtok: 10, ...previewSearch };
const gpt4oMiniSearch = { input_mtok: 0.15, cache_read_mtok: 0.075, output_mtok: 0.6, ...previewSearch };

const free = { input_mtok: 0 };

/**
 * Models that are missing or incomplete in the bundled price list. OpenAI bills the characters to be spoken: $15 a
 * million for tts-1 and $30 for tts-1-hd (https://platform.openai.com/docs/pricing, "Speech generation"). For models
 * with audio input, the list has only the prices of text. The first version of gpt-4o-audio-preview costs more than the
 * later versions.
 */
const models: Readonly<Record<string, ModelPrice>> = {
  'openai/tts-1': { input_mchars: 15 },
  'openai/tts-1-hd': { input_mchars: 30 },
  // https://developers.openai.com/api/docs/models/davinci-002 and .../babbage-002
  'openai/davinci-002': { input_mtok: 2, output_mtok: 2 },
  'openai/babbage-002': { input_mtok: 0.4, output_mtok: 0.4 },
  // Free of charge: https://developers.openai.com/api/docs/guides/moderation
  'openai/omni-moderation-latest': free,
  'openai/omni-moderation-2024-09-26': free,
  'openai/text-moderation-latest': free,
  'openai/text-moderation-stable': free,
  'openai/gpt-4o-search-preview': gpt4oSearch,
  'openai/gpt-4o-search-preview-2025-03-11': gpt4oSearch,
  'openai/gpt-4o-mini-search-preview': gpt4oMiniSearch,
  'openai/gpt-4o-mini-search-preview-2025-03-11': gpt4oMiniSearch,
  'openai/gpt-4o-audio-preview': gpt4oAudio,
  'openai/gpt-4o-audio-preview-2025-06-03': gpt4oAudio,
  'openai/gpt-4o-audio-preview-2024-12-17': gpt4oAudio,
  'openai/gpt-4o-audio-preview-2024-10-01': { ...gpt4oAudio, input_audio_mtok: 100, output_audio_mtok: 200 },
  'openai/gpt-4o-mini-audio-preview': gpt4oMiniAudio,
  'openai/gpt-4o-mini-audio-preview-2024-12-17': gpt4oMiniAudio,
};

export function findOwnPrices(upstream: Upstream, modelId: string): ModelPrice | undefined {
  return models[`${upstream}/${modelId}`];
}

/**
 * The rates of code sessions and searches that the price list does not have. Google bills code execution as tokens
 * instead.
 */
export function toolRates({ codeSession, searches = [] }: Billing, modelId: string): Rates {
  const search = searches.find(({ models: pattern }) => new RegExp(pattern).test(modelId));
  return {
    ...(codeSession && { codeSessions: usd(codeSession.usd) }),
    ...(search && { webSearches: usd(search.usd) }),
  };
}

function usd(amount: number): Rate {
  return { picoUsd: BigInt(Math.ceil(amount * 1e12)), tiers: [] };
}

/**
 * Adds the price of the search results to the price of a search, if the upstream bills a fixed number of input tokens
 * for them.
 */
export function addSearchContent({ searchContent }: Billing, modelId: string, rates: Rates): Rates {
  const { webSearches, inputTokens } = rates;
  if (searchContent === undefined || !new RegExp(searchContent.models).test(modelId)) return rates;
  if (webSearches === undefined || inputTokens === undefined) return rates;
  const picoUsd = webSearches.picoUsd + BigInt(searchContent.tokens) * inputTokens.picoUsd;
  return { ...rates, webSearches: { picoUsd, tiers: [] } };
}
