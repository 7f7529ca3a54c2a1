import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import {
  createModelCatalogue,
  createPriceCatalogue,
  type Price,
  parsePriceOverrides,
  type Upstream,
} from '../../src/index.js';

const now = new Date('2026-11-22T00:00:00Z');
const file = new URL('../../../../../docs/examples/prices.json', import.meta.url);
const parsed = parsePriceOverrides(readFileSync(file, 'utf8'));
const listed = createPriceCatalogue();
const overridden = createPriceCatalogue(parsed.ok ? parsed.overrides : undefined);

it('the example on the operations page is a valid document', () => {
  expect(parsed).toMatchObject({ ok: true });
  expect(overridden.version).toMatch(/^genai-prices@[\d.]+\+overrides:[0-9a-f]{8}$/);
});

it('the example on the page about adding an upstream is a valid document', () => {
  const page = readFileSync(new URL('../../../../../docs/adding-an-upstream.md', import.meta.url), 'utf8');
  const [, json = ''] = /```json\n([^]*?)```/.exec(page) ?? [];
  const added = parsePriceOverrides(json);
  expect(added).toMatchObject({ ok: true, overrides: { upstreams: [{ name: 'acme' }], models: [{ rates: {} }] } });
});

it('the example on the operations page has the effects that the page describes', () => {
  expect(getPrice(overridden, 'openai', 'gpt-4o').rates.outputTokens?.picoUsd).toBe(8_800_000n);
  expect(getPrice(overridden, 'google', 'gemini-2.5-pro').rates.inputTokens).toEqual({
    picoUsd: 1_250_000n,
    tiers: [{ aboveInputTokens: 200_000, picoUsd: 2_500_000n }],
  });
  expect(ratio('claude-opus-4-1')).toBe(0.875);
  expect(ratio('claude-haiku-4-5')).toBe(1.1);
});

it('the example adds one model, and changes the prices of others', () => {
  const served = createModelCatalogue();
  const own = (parsed.ok ? parsed.overrides.models : []).map(({ model }) => model);
  expect(own.filter(({ upstream, id }) => served.find(upstream, id) === undefined)).toEqual([
    { upstream: 'openai', id: 'ft:gpt-4o-mini-2024-07-18:acme:support:A1b2C3d4', capabilities: ['chat'] },
  ]);
  expect(own).toHaveLength(3);
});

function ratio(modelId: string): number {
  const rateOf = (catalogue: typeof listed) => getPrice(catalogue, 'anthropic', modelId).rates.outputTokens?.picoUsd;
  return Number(rateOf(overridden)) / Number(rateOf(listed));
}

function getPrice(catalogue: typeof listed, upstream: Upstream, modelId: string): Price {
  const price = catalogue.findPrice(upstream, modelId, now);
  if (price === undefined) throw new Error(`${modelId} has no price`);
  return price;
}
