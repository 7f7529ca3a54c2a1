import type { ModelPrice } from '@pydantic/genai-prices';
import type { Upstream } from '../catalogue/upstreams.js';
import type { Rate, Rates } from './price.js';

/**
 * Models that the bundled price list leaves out. OpenAI bills these by the characters to be spoken:
 * $15 and $30 a million (https://platform.openai.com/docs/pricing, "Speech generation").
 */
const models: Readonly<Record<string, ModelPrice>> = {
  'openai/tts-1': { input_mchars: 15 },
  'openai/tts-1-hd': { input_mchars: 30 },
};

export function findOwnPrices(upstream: Upstream, modelId: string): ModelPrice | undefined {
  return models[`${upstream}/${modelId}`];
}

/** How long a container that runs code is paid for at a time. Google bills what its code execution reads as tokens. */
export const codeSessionSeconds: Readonly<Record<Upstream, number | undefined>> = {
  openai: 1_200,
  anthropic: 300,
  google: undefined,
};

/**
 * Tools that are billed per use and stand in no model's price list.
 * OpenAI: $0.03 for twenty minutes of a 1 GB container (https://platform.openai.com/docs/pricing, "Built-in tools").
 * Anthropic: $0.05 an hour and container, at least five minutes (https://docs.claude.com/en/docs/about-claude/pricing).
 * Google: $35 for a thousand prompts that were answered with a search, up to Gemini 2.5
 * (https://ai.google.dev/gemini-api/docs/pricing); newer models are billed by the query, as many as they like.
 */
export function toolRates(upstream: Upstream, modelId: string): Rates {
  switch (upstream) {
    case 'openai':
      return { codeSessions: usd(0.03) };
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
 * With its smaller models OpenAI bills what a search finds as 8,000 input tokens a call, whatever it is
 * (https://platform.openai.com/docs/pricing, "Web search"); so they are part of the price of a search.
 */
export function addSearchContent(upstream: Upstream, modelId: string, rates: Rates): Rates {
  const { webSearches, inputTokens } = rates;
  const billed = upstream === 'openai' && /^gpt-(4o|4\.1)-mini\b/.test(modelId);
  if (!billed || webSearches === undefined || inputTokens === undefined) return rates;
  const picoUsd = webSearches.picoUsd + searchBlockTokens * inputTokens.picoUsd;
  return { ...rates, webSearches: { picoUsd, tiers: [] } };
}
