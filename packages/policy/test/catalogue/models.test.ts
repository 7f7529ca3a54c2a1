import { describe, expect, it } from '@jest/globals';
import { listReferredModels } from '../../src/catalogue/referred-models.js';
import {
  builtInUpstreams,
  createModelCatalogue,
  createPriceCatalogue,
  models,
  parseScopeToken,
  resolveModelId,
  type UpstreamEntry,
} from '../../src/index.js';

const now = new Date('2026-11-22T00:00:00Z');
const prices = createPriceCatalogue();
const catalogue = createModelCatalogue();

it('no model name occurs twice at one vendor, nor at two vendors whose models have names without the vendor', () => {
  const twice = (ids: readonly string[]) => ids.filter((id, index) => ids.indexOf(id) !== index);
  expect(twice(models.map(({ upstream, id }) => `${upstream}/${id}`))).toEqual([]);
  const bare = builtInUpstreams.filter((entry: UpstreamEntry) => entry.hasBareNames).map(({ name }) => String(name));
  expect(twice(models.filter(({ upstream }) => bare.includes(upstream)).map(({ id }) => id))).toEqual([]);
});

it('each name resolves to models of the same vendor with the same capabilities, and these resolve to themselves', () => {
  for (const { upstream, id, capabilities } of models)
    for (const meaning of listReferredModels({ upstream, id })) {
      expect([id, catalogue.find(upstream, meaning)?.capabilities]).toEqual([id, capabilities]);
      expect(listReferredModels({ upstream, id: meaning })).toEqual([meaning]);
    }
});

it('a version has the price and the limits of the model name that lists it', () => {
  for (const { upstream, id, versions = [] } of models)
    for (const version of versions) {
      expect([version, prices.findPrice(upstream, version, now)?.rates]).toEqual([
        version,
        prices.findPrice(upstream, id, now)?.rates,
      ]);
      expect([version, prices.findLimits(upstream, version)]).toEqual([version, prices.findLimits(upstream, id)]);
    }
});

it('an alias costs at least as much as each of its models', () => {
  for (const { upstream, id, aliasOf = [] } of models)
    for (const target of aliasOf) {
      const aliasRates = prices.findPrice(upstream, id, now)?.rates ?? {};
      const rates = Object.entries(prices.findPrice(upstream, target, now)?.rates ?? {});
      for (const [kind, rate] of rates) {
        const aliasRate = Object.entries(aliasRates).find(([name]) => name === kind)?.[1];
        // A usage of a kind without a price is refused.
        if (aliasRate !== undefined) expect([id, kind, aliasRate.picoUsd >= rate.picoUsd]).toEqual([id, kind, true]);
      }
    }
  expect(prices.findPrice('google', 'gemini-flash-latest', now)).toMatchObject({
    modelId: 'gemini-flash-latest',
    rates: { inputTokens: { picoUsd: 1_500_000n, tiers: [] }, outputTokens: { picoUsd: 9_000_000n } },
  });
  expect(prices.findPrice('google', 'gemini-pro-latest', now)?.rates.inputTokens).toEqual({
    picoUsd: 2_000_000n,
    tiers: [{ aboveInputTokens: 200_000, picoUsd: 4_000_000n }],
  });
});

describe('resolves', () => {
  it.each([
    ['openai', 'gpt-3.5-turbo', 'gpt-3.5-turbo-0125'],
    ['openai', 'gpt-5', 'gpt-5-2025-08-07'],
    ['openai', 'gpt-4o', 'gpt-4o'],
    ['openai', 'gpt-5-chat-latest', 'gpt-5-chat-latest'],
    ['anthropic', 'claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219'],
    ['google', 'gemini-flash-latest', 'gemini-3.8-flash'],
    ['google', 'text-embedding-004', 'gemini-embedding-001'],
  ] as const)('%s/%s to %s', (upstream, id, expected) => {
    expect(resolveModelId({ upstream, id })).toBe(expected);
  });
});

describe('unknown models', () => {
  const unknownAs = [{ upstream: 'openai', id: 'gpt-5.5-pro' }] as const;
  const priced = createPriceCatalogue({ models: [], discounts: [], hash: '', unknownAs });
  const open = createModelCatalogue({ unknownAs });

  it('have the price and the limits of the operator’s substitute model, only at its vendor', () => {
    const price = priced.findPrice('openai', 'gpt-77', now);
    expect(price).toMatchObject({
      modelId: 'gpt-5.5-pro',
      catalogueVersion: `${priced.version}+unknown-as:gpt-5.5-pro`,
      rates: priced.findPrice('openai', 'gpt-5.5-pro', now)?.rates,
    });
    expect(priced.findLimits('openai', 'gpt-77')).toEqual(priced.findLimits('openai', 'gpt-5.5-pro'));
    expect(priced.findPrice('google', 'gpt-77', now)).toBeUndefined();
    expect(priced.findPrice('openai', 'gpt-4o', now)?.catalogueVersion).toBe(priced.version);
  });

  it('can be requested only with the name of their provider', () => {
    expect(parseScopeToken('model:openai/gpt-77', open)).toMatchObject({ kind: 'model', modelId: 'gpt-77' });
    expect(parseScopeToken('model:gpt-77', open)).toBeUndefined();
    expect(parseScopeToken('model:google/gpt-77', open)).toBeUndefined();
    expect(parseScopeToken('model:openai/gpt*', open)).toBeUndefined();
    expect(parseScopeToken('model:openai/gpt-77', catalogue)).toBeUndefined();
  });
});
