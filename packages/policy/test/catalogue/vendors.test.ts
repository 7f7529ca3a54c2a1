import { expect, it } from '@jest/globals';
import { findProvider } from '@pydantic/genai-prices';
import {
  builtInUpstreams,
  createModelCatalogue,
  createPriceCatalogue,
  models,
  parseScopeToken,
  type UpstreamEntry,
} from '../../src/index.js';

const now = new Date('2026-11-22T00:00:00Z');
const prices = createPriceCatalogue();
const catalogue = createModelCatalogue();
const listed = (builtInUpstreams as readonly UpstreamEntry[]).filter(({ listedModels }) => listedModels !== undefined);

it.each(listed.map((entry) => [entry.name, entry] as const))(
  '%s: every model has a price of its list, a window, and a scope with its upstream',
  (name, { priceList = '', sources = [] }) => {
    const provider = findProvider({ providerId: priceList });
    const own = models.filter(({ upstream }) => upstream === name);
    expect(own.length).toBeGreaterThan(1);
    expect(sources.every((source) => URL.canParse(source)) && sources.length > 0).toBe(true);
    for (const { id } of own) {
      const price = prices.findPrice(name, id, now);
      expect([id, price?.rates.inputTokens?.picoUsd]).toEqual([id, expect.any(BigInt)]);
      expect(prices.findLimits(name, id)?.maxInputTokens).toBeGreaterThanOrEqual(4_096);
      expect(parseScopeToken(`model:${name}/${id}`, catalogue)).toMatchObject({ upstream: name, modelId: id });
      const [same] = provider?.models.filter((model) => model.id === id) ?? [];
      if (same === undefined || Array.isArray(same.prices) || typeof same.prices.input_mtok !== 'number') continue;
      if (own.some((model) => model.id === id && model.aliasOf !== undefined)) continue;
      expect([id, Number(price?.rates.inputTokens?.picoUsd) / 1e6]).toEqual([
        id,
        expect.closeTo(same.prices.input_mtok, 5),
      ]);
    }
  },
);

it('models that search, draw or speak, and models without a known price, are not served', () => {
  for (const id of ['mistral/mistral-ocr-latest', 'groq/compound', 'groq/whisper-large-v3', 'deepseek/deepseek-chat'])
    expect(parseScopeToken(`model:${id}`, catalogue)).toBeUndefined();
  for (const id of ['perplexity/sonar', 'openai/gpt-4o:online', 'openrouter/auto', 'meta-llama/llama-3.3-70b:free'])
    expect(parseScopeToken(`model:openrouter/${id}`, catalogue)).toBeUndefined();
});

it('a model of these vendors is never named without its vendor', () => {
  for (const id of ['mistral-large-latest', 'grok-4.3', 'deepseek-v4-flash'])
    expect(parseScopeToken(`model:${id}`, catalogue)).toBeUndefined();
});

it('an unknown model is not priced as another one if it runs tools or is billed in another way', () => {
  const { find } = createModelCatalogue({
    unknownAs: [
      { upstream: 'groq', id: 'llama-3.3-70b-versatile' },
      { upstream: 'openrouter', id: 'openai/gpt-5-pro' },
      { upstream: 'xai', id: 'grok-4.5' },
    ],
  });
  for (const id of [
    'groq/compound',
    'groq/groq/compound-mini',
    'openrouter/openai/gpt-4o:online',
    'xai/grok-9-voice',
  ]) {
    const slash = id.indexOf('/');
    expect([id, find(id.slice(0, slash), id.slice(slash + 1))]).toEqual([id, undefined]);
  }
  expect(find('groq', 'llama-9')).toBeDefined();
  expect(find('openrouter', 'maker/new-model')).toBeDefined();
});
