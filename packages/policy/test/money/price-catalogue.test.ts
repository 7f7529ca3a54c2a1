import { describe, expect, it } from '@jest/globals';
import { calcPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import {
  builtInUpstreams,
  costOf,
  createModelCatalogue,
  createPriceCatalogue,
  listScopeTokens,
  models,
  type Price,
  parsePriceOverrides,
  parseScope,
  parseScopeToken,
  type Usage,
} from '../../src/index.js';

const now = new Date('2026-11-22T00:00:00Z');
const catalogue = createPriceCatalogue();

function getPrice(modelId: string, at = now, from = catalogue): Price {
  const model = models.find(({ id }) => id === modelId) ?? { upstream: 'openai' as const, id: modelId };
  const price = from.findPrice(model.upstream, model.id, at);
  if (price === undefined) throw new Error(`${modelId} has no price`);
  return price;
}

function nano(price: Price, usage: Usage): bigint {
  const cost = costOf(price, usage);
  if (!cost.ok) throw new Error(`${cost.unpriced} has no price`);
  return cost.nanoUsd;
}

it.each(models.map(({ upstream, id }) => [upstream, id] as const))(
  'the catalogue has a price and limits for %s/%s',
  (upstream, id) => {
    expect(catalogue.findPrice(upstream, id, now)).toBeDefined();
    expect(catalogue.findLimits(upstream, id)).toBeDefined();
  },
);

it('the catalogue has the largest output and the largest picture of every model with the capability `code`', () => {
  for (const { upstream, id, capabilities } of models.filter((model) => model.capabilities.includes('code'))) {
    expect([id, capabilities, catalogue.findLimits(upstream, id)?.maxOutputTokens]).toEqual([
      id,
      capabilities,
      expect.any(Number),
    ]);
    expect(catalogue.findLimits(upstream, id)?.maxOutputTokens).toBeGreaterThanOrEqual(4_096);
    expect(catalogue.findLimits(upstream, id)?.maxImageTokens).toBeGreaterThan(1_000);
  }
});

it.each([
  ['gpt-4o', 16_384],
  ['gpt-4o-mini-2024-07-18', 16_384],
  ['gpt-4.1-nano', 32_768],
  ['gpt-5-mini', 128_000],
  ['gpt-5-pro', 272_000],
  ['o3-pro', 100_000],
  ['claude-haiku-4-5', 64_000],
  ['claude-sonnet-4-0', 64_000],
  ['claude-opus-4-1', 32_000],
  ['claude-opus-4-5-20251101', 64_000],
  ['gemini-2.0-flash-lite', 8_192],
  ['gemini-2.5-pro', 65_536],
])('the catalogue knows that %s writes at most %d tokens', (id, tokens) => {
  const model = models.find((known) => known.id === id);
  expect(model && catalogue.findLimits(model.upstream, id)?.maxOutputTokens).toBe(tokens);
});

it('the catalogue has no price for an unknown model', () => {
  expect(catalogue.findPrice('openai', 'gpt-nonsense', now)).toBeUndefined();
  expect(catalogue.findPrice('anthropic', 'gpt-4o', now)).toBeUndefined();
  expect(catalogue.findPrice('openai', '__proto__', now)).toBeUndefined();
});

it('the catalogue names the version of its price list', () => {
  expect(catalogue.version).toMatch(/^genai-prices@\d+\.\d+\.\d+$/);
  expect(getPrice('gpt-4o').catalogueVersion).toBe(catalogue.version);
});

it('the catalogue states prices in whole trillionths of a dollar for a token, a second, a character and a call', () => {
  expect(getPrice('gpt-5-nano').rates.cacheReadTokens).toEqual({ picoUsd: 5_000n, tiers: [] });
  expect(getPrice('whisper-1').rates.audioSeconds).toEqual({ picoUsd: 100_000_000n, tiers: [] });
  expect(getPrice('tts-1').rates.inputCharacters).toEqual({ picoUsd: 15_000_000n, tiers: [] });
  expect(getPrice('gpt-4o').rates.webSearches).toEqual({ picoUsd: 10_000_000_000n, tiers: [] });
});

it('the catalogue has the price of a web search also for models whose entry in the price list has none', () => {
  for (const id of ['gpt-5.3-codex', 'gpt-5.1-codex-mini', 'o3-pro'])
    expect(getPrice(id).rates.webSearches).toEqual({ picoUsd: 10_000_000_000n, tiers: [] });
});

it('prices change on the announced day', () => {
  const before = getPrice('gemini-3.6-flash', new Date('2026-12-31T23:59:59.999Z'));
  const after = getPrice('gemini-3.6-flash', new Date('2027-01-01T00:00:00.000Z'));
  expect([before.rates.inputTokens?.picoUsd, after.rates.inputTokens?.picoUsd]).toEqual([750_000n, 1_500_000n]);
});

it('a long prompt costs the rate of its tier, from one token above the start of the tier', () => {
  const price = getPrice('gemini-2.5-pro');
  expect(nano(price, { inputTokens: 200_000, outputTokens: 1 })).toBe(250_010_000n);
  expect(nano(price, { inputTokens: 200_001, outputTokens: 1 })).toBe(500_017_500n);
  expect(nano(price, { inputTokens: 1, cacheReadTokens: 200_000, outputTokens: 0 })).toBe(50_002_500n);
});

describe('costs', () => {
  const priced = models.filter(({ capabilities }) => capabilities.includes('code'));
  const count = fc.integer({ min: 0, max: 2_000_000 });
  const usage = fc.record({
    inputTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    outputTokens: count,
    webSearches: fc.integer({ min: 0, max: 20 }),
  });
  // Leaves out aliases, which the library does not know, and models for which it does not have every price.
  const half = /-preview-|^gpt-5\.3|^gpt-5\.1-codex-mini|^gpt-chat|^o3-pro/;
  const listed = priced.filter(({ id, aliasOf }) => aliasOf === undefined && !half.test(id));
  const model = fc.constantFrom(...listed);

  it('agree with those of the library that publishes the price list', () => {
    fc.assert(
      fc.property(model, usage, ({ upstream, id }, counts) => {
        const price = getPrice(id);
        const webSearches = price.rates.webSearches?.picoUsd !== 10_000_000_000n ? 0 : counts.webSearches;
        const writes = price.named.has('cacheWriteTokens') ? counts.cacheWriteTokens : 0;
        const ours = nano(price, { ...counts, cacheWriteTokens: writes, webSearches });
        const theirs = calcPrice(
          {
            input_tokens: counts.inputTokens + counts.cacheReadTokens + writes,
            cache_read_tokens: counts.cacheReadTokens,
            cache_write_tokens: writes,
            output_tokens: counts.outputTokens,
            web_searches: webSearches,
          },
          id,
          { providerId: upstream, timestamp: now },
        );
        expect(Math.abs(Number(ours) / 1e9 - (theirs?.total_price ?? Number.NaN))).toBeLessThan(2e-9);
      }),
    );
  });

  it('are the exact sum, rounded up by less than a nano-dollar', () => {
    const uneven = parsePriceOverrides(
      JSON.stringify({ discounts: builtInUpstreams.map(({ name }) => ({ upstream: name, percent: 33.3333 })) }),
    );
    const discounted = createPriceCatalogue(uneven.ok ? uneven.overrides : undefined);
    fc.assert(
      fc.property(model, usage, ({ id }, counts) => {
        const price = getPrice(id, now, discounted);
        const kinds = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens'] as const;
        const input = counts.inputTokens + counts.cacheReadTokens + counts.cacheWriteTokens;
        let exactPicoUsd = 0n;
        for (const kind of kinds) {
          const rate = price.rates[kind];
          const tier = rate?.tiers.findLast(({ aboveInputTokens }) => input > aboveInputTokens);
          exactPicoUsd += BigInt(counts[kind]) * (tier ?? rate ?? { picoUsd: 0n }).picoUsd;
        }
        const cost = nano(price, { ...counts, webSearches: 0 });
        expect(cost * 1_000n >= exactPicoUsd && cost * 1_000n < exactPicoUsd + 1_000n).toBe(true);
      }),
    );
  });

  it('never decrease when the usage of any kind increases', () => {
    const kinds = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'cacheWrite1hTokens', 'outputTokens'] as const;
    fc.assert(
      fc.property(
        model,
        usage,
        fc.constantFrom(...kinds),
        fc.integer({ min: 1, max: 500_000 }),
        ({ id }, counts, kind, more) => {
          const less: Usage = { ...counts, webSearches: 0 };
          const price = getPrice(id);
          fc.pre(price.rates[kind] !== undefined);
          expect(nano(price, { ...less, [kind]: (less[kind] ?? 0) + more })).toBeGreaterThanOrEqual(nano(price, less));
        },
      ),
    );
  });

  it('are zero for no usage, and above zero for one token', () => {
    expect(nano(getPrice('gpt-4o'), {})).toBe(0n);
    expect(nano(getPrice('gpt-5-nano'), { cacheReadTokens: 1 })).toBe(5n);
  });

  it('are unknown for a kind without a rate', () => {
    expect(costOf(getPrice('gpt-4o'), { outputTokens: 1, outputAudioTokens: 1 })).toEqual({
      ok: false,
      unpriced: 'outputAudioTokens',
    });
    expect(costOf(getPrice('o1'), { webSearches: 1 })).toEqual({ ok: false, unpriced: 'webSearches' });
    expect(costOf(getPrice('o1'), { webSearches: 0 })).toEqual({ ok: true, nanoUsd: 0n });
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'are refused with a RangeError for %d tokens',
    (tokens) => {
      expect(() => costOf(getPrice('gpt-4o'), { inputTokens: tokens })).toThrow(RangeError);
    },
  );
});

describe('an operator’s document', () => {
  const document = {
    models: [
      {
        upstream: 'openai',
        id: 'our-model',
        capabilities: ['chat'],
        context_window: 32_000,
        max_output_tokens: 4_000,
        prices: { input_mtok: 0.1, output_mtok: { base: 0.4, tiers: [{ start: 1_000, price: 0.8 }] } },
      },
      { upstream: 'google', id: 'gemini-2.5-flash-image', capabilities: ['chat', 'images'] },
    ],
    discounts: [
      { upstream: 'openai', percent: 10 },
      { upstream: 'openai', model: 'gpt-4o', percent: 33.3333 },
      { upstream: 'anthropic', percent: -10 },
    ],
  };
  const parsed = parsePriceOverrides(JSON.stringify(document));
  if (!parsed.ok) throw new Error(parsed.message);
  const own = createPriceCatalogue(parsed.overrides);

  it('adds models, with its own prices or those of the price list', () => {
    const price = own.findPrice('openai', 'our-model', now);
    expect(price?.rates.inputTokens).toEqual({ picoUsd: 90_000n, tiers: [] });
    expect(price?.rates.outputTokens).toEqual({
      picoUsd: 360_000n,
      tiers: [{ aboveInputTokens: 1_000, picoUsd: 720_000n }],
    });
    expect(own.findLimits('openai', 'our-model')).toMatchObject({ maxInputTokens: 32_000, maxOutputTokens: 4_000 });
    expect(own.findPrice('google', 'gemini-2.5-flash-image', now)?.named.has('outputImageTokens')).toBe(true);
    expect(own.findLimits('google', 'gemini-2.5-flash-image')?.maxOutputTokens).toBe(32_768);
  });

  it('applies discounts and surcharges, and rounds up', () => {
    expect(own.findPrice('openai', 'gpt-4o', now)?.rates.inputTokens?.picoUsd).toBe(1_666_668n);
    expect(own.findPrice('openai', 'gpt-4.1', now)?.rates.inputTokens?.picoUsd).toBe(1_800_000n);
    expect(own.findPrice('anthropic', 'claude-haiku-4-5', now)?.rates.outputTokens?.picoUsd).toBe(5_500_000n);
    expect(own.findPrice('google', 'gemini-2.5-flash', now)?.rates.inputTokens?.picoUsd).toBe(300_000n);
  });

  it('changes the version of the catalogue, which does not depend on white space in the document', () => {
    const spaced = parsePriceOverrides(JSON.stringify(document, null, 2));
    expect(own.version).toMatch(/^genai-prices@[\d.]+\+overrides:[0-9a-f]{8}$/);
    expect(spaced.ok && createPriceCatalogue(spaced.overrides).version).toBe(own.version);
  });

  it('adds models that scopes can name', () => {
    const extended = createModelCatalogue(parsed.overrides);
    expect(parseScopeToken('model:openai/our-model', createModelCatalogue())).toBeUndefined();
    expect(parseScopeToken('model:openai/our-model', extended)).toMatchObject({ modelId: 'our-model' });
    expect(parseScope('model:openai/our-model cap:chat', extended).ok).toBe(true);
    expect(extended.models).toHaveLength(models.length + 1);
    expect(listScopeTokens(extended)).toEqual(
      expect.arrayContaining(['model:openai/our-model', 'model:gpt-4o', 'model:openai/*', 'cap:chat']),
    );
  });

  it('cannot change the meaning of a model name without an upstream', () => {
    const twin = createModelCatalogue({
      models: [{ model: { upstream: 'google', id: 'gpt-4o', capabilities: ['chat'] } }],
    });
    expect(parseScopeToken('model:our-model', createModelCatalogue())).toBeUndefined();
    expect(parseScopeToken('model:gpt-4o', twin)).toMatchObject({ upstream: 'openai' });
    expect(parseScopeToken('model:google/gpt-4o', twin)).toMatchObject({ upstream: 'google' });
  });

  it('may be empty', () => {
    const empty = parsePriceOverrides('{}');
    expect(empty.ok && createPriceCatalogue(empty.overrides).version).toBe(catalogue.version);
    expect(empty.ok && createPriceCatalogue(empty.overrides).findPrice('openai', 'gpt-4o', now)?.rates).toEqual(
      getPrice('gpt-4o').rates,
    );
  });

  const prices = { input_mtok: 1, output_mtok: 2 };
  const model = {
    upstream: 'openai',
    id: 'm',
    capabilities: ['chat'],
    context_window: 1,
    max_output_tokens: 1,
    prices,
  };
  it.each([
    ['', 'it is not JSON'],
    ['[]', 'the document must be an object'],
    ['{"model":[]}', 'the document has an unknown member'],
    ['{"models":{}}', 'models must be a list'],
    [JSON.stringify({ models: [{ ...model, upstream: 'nobody' }] }), 'models[0].upstream is not known'],
    [JSON.stringify({ models: [{ ...model, id: 'a//b' }] }), 'models[0].id is not a model identifier'],
    [JSON.stringify({ models: [{ ...model, capabilities: [] }] }), 'models[0].capabilities is missing'],
    [
      JSON.stringify({ models: [{ ...model, capabilities: ['fly'] }] }),
      'models[0].capabilities has an unknown capability',
    ],
    [JSON.stringify({ models: [{ ...model, context_window: undefined }] }), 'models[0].context_window is missing'],
    [
      JSON.stringify({ models: [{ ...model, context_window: 1.5 }] }),
      'models[0].context_window must be a whole number from 0 to 100000000',
    ],
    [
      JSON.stringify({ models: [{ ...model, max_output_tokens: '9' }] }),
      'models[0].max_output_tokens must be a whole number from 0 to 100000000',
    ],
    [JSON.stringify({ models: [{ ...model, prices: undefined }] }), 'models[0].prices is missing'],
    [JSON.stringify({ models: [{ ...model, prices: { output_mtok: 1 } }] }), 'models[0].prices has no input_mtok'],
    [JSON.stringify({ models: [{ ...model, prices: { input_mtok: 1 } }] }), 'models[0].prices has no output_mtok'],
    [JSON.stringify({ models: [{ ...model, capabilities: ['images'], prices: {} }] }), 'models[0].prices is empty'],
    [JSON.stringify({ models: [model, { ...model, id: 'n' }, model] }), 'models[2] is the same model as models[0]'],
    [JSON.stringify({ models: [{ ...model, prices: 1 }] }), 'models[0].prices must be an object'],
    [
      JSON.stringify({ models: [{ ...model, prices: { input_mtok: '1' } }] }),
      'models[0].prices must be numbers, or objects of base and tiers',
    ],
    [
      JSON.stringify({ models: [{ ...model, prices: { input_mtok: -1 } }] }),
      'models[0].prices must be numbers, or objects of base and tiers',
    ],
    [
      JSON.stringify({ models: [{ ...model, prices: { per_smile: 1 } }] }),
      'models[0].prices has an unknown name, or tiers that get cheaper',
    ],
    [
      JSON.stringify({ models: [{ ...model, prices: { input_mtok: { base: 2, tiers: [{ start: 5, price: 1 }] } } }] }),
      'models[0].prices has an unknown name, or tiers that get cheaper',
    ],
    [
      JSON.stringify({ discounts: [{ upstream: 'openai', percent: 100 }] }),
      'discounts[0].percent must be a number between -100 and 100',
    ],
    [
      JSON.stringify({ discounts: [{ upstream: 'openai', percent: '5' }] }),
      'discounts[0].percent must be a number between -100 and 100',
    ],
    [
      JSON.stringify({ discounts: [{ upstream: 'openai', model: 7, percent: 5 }] }),
      'discounts[0].model is not a model identifier',
    ],
  ])('that is invalid is refused with a message that names the place and the rule: %s', (json, message) => {
    expect(parsePriceOverrides(json)).toEqual({ ok: false, message });
  });
});
