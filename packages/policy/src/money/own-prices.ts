import type { ModelPrice } from '@pydantic/genai-prices';
import type { Upstream } from '../catalogue/upstreams.js';
import type { Rate, Rates } from './price.js';

/** https://developers.openai.com/api/docs/models/gpt-4o-audio-preview and .../gpt-4o-mini-audio-preview */
const gpt4oAudio = { input_mtok: 2.5, output_mtok: 10, input_audio_mtok: 40, output_audio_mtok: 80 };
const gpt4oMiniAudio = { input_mtok: 0.15, output_mtok: 0.6, input_audio_mtok: 10, output_audio_mtok: 20 };

/** A search with a model that does not reason: https://platform.openai.com/docs/pricing, "Built-in tools". */
const previewSearch = { web_searches_kcount: 25 };
const gpt4oSearch = { input_mtok: 2.5, output_mtok: 10, ...previewSearch };
const gpt4oMiniSearch = { input_mtok: 0.15, cache_read_mtok: 0.075, output_mtok: 0.6, ...previewSearch };

const free = { input_mtok: 0 };

/**
 * Models that are missing or incomplete in the bundled price list. OpenAI bills tts-1 by the characters to be spoken:
 * $15 and $30 a million (https://platform.openai.com/docs/pricing, "Speech generation"). For models with audio input,
 * the list has only the prices of text. The first of these models cost more than the later ones.
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

/** How many seconds of a code container are billed at a time. Google bills code execution as tokens instead. */
export const codeSessionSeconds: Readonly<Record<Upstream, number | undefined>> = {
  openai: 1_200,
  anthropic: 300,
  google: undefined,
};

/**
 * Tools that are billed per use and stand in no model's price list.
 * OpenAI: $0.03 for twenty minutes of a 1 GB container, and $10 for a thousand searches of the models whose list entry
 * has no price for these (https://platform.openai.com/docs/pricing, "Built-in tools").
 * Anthropic: $0.05 an hour and container, at least five minutes (https://docs.claude.com/en/docs/about-claude/pricing).
 * Google: $35 for a thousand prompts that were answered with a search, up to Gemini 2.5
 * (https://ai.google.dev/gemini-api/docs/pricing). Newer models are billed for each query, and may make any number.
 */
export function toolRates(upstream: Upstream, modelId: string): Rates {
  switch (upstream) {
    case 'openai':
      return { codeSessions: usd(0.03), ...(/^(gpt-5|gpt-chat|o3-pro)/.test(modelId) && { webSearches: usd(0.01) }) };
    case 'anthropic':
      return { codeSessions: usd(0.05 / 12) };
    case 'google':
      return modelId.startsWith('gemini-2.') ? { webSearches: usd(0.035) } : {};
  }
}

function usd(amount: number): Rate {
  return { picoUsd: BigInt(Math.ceil(amount * 1e12)), tiers: [] };
}

const searchBlockTokens = 8_000n;

/**
 * With its smaller models, OpenAI bills the results of each search as 8,000 input tokens
 * (https://platform.openai.com/docs/pricing, "Web search"), so these tokens are part of the price of a search.
 */
export function addSearchContent(upstream: Upstream, modelId: string, rates: Rates): Rates {
  const { webSearches, inputTokens } = rates;
  const billed = upstream === 'openai' && /^gpt-(4o|4\.1)-mini\b(?!-search)/.test(modelId);
  if (!billed || webSearches === undefined || inputTokens === undefined) return rates;
  const picoUsd = webSearches.picoUsd + searchBlockTokens * inputTokens.picoUsd;
  return { ...rates, webSearches: { picoUsd, tiers: [] } };
}
