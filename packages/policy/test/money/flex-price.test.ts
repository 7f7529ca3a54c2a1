import { expect, it } from '@jest/globals';
import { createPriceCatalogue, priceOfAnswer, type Upstream } from '../../src/index.js';
import { costOf } from '../../src/money/cost.js';

const prices = createPriceCatalogue();
const now = new Date('2026-06-01');

function costs(upstream: Upstream, modelId: string, usage: Parameters<typeof costOf>[1]) {
  const price = prices.findPrice(upstream, modelId, now);
  if (price === undefined) throw new Error(`${modelId} has no price`);
  const cost = (processed: typeof price) => {
    const found = costOf(processed, usage);
    return found.ok ? found.nanoUsd : found.unpriced;
  };
  return [cost(priceOfAnswer(price, {})), cost(priceOfAnswer(price, { tier: 'flex' }))];
}

it('flex halves the price of input, cached input and output, but not of tools', () => {
  const million = { inputTokens: 1_000_000 };
  expect(costs('openai', 'gpt-5-mini', million)).toEqual([250_000_000n, 125_000_000n]);
  expect(costs('openai', 'gpt-5-mini', { cacheReadTokens: 1_000_000 })).toEqual([25_000_000n, 12_500_000n]);
  expect(costs('openai', 'gpt-5-mini', { outputTokens: 1_000_000 })).toEqual([2_000_000_000n, 1_000_000_000n]);
  expect(costs('openai', 'gpt-5-mini', { webSearches: 1_000 })).toEqual([10_000_000_000n, 10_000_000_000n]);
  expect(costs('google', 'gemini-2.5-flash', million)).toEqual([300_000_000n, 150_000_000n]);
});

it.each([
  ['o3', true],
  ['o3-2025-04-16', true],
  ['o4-mini', true],
  ['gpt-5', true],
  ['gpt-5.4', true],
  ['gpt-6-sol', true],
  ['o3-mini', false],
  ['gpt-4o', false],
  ['gpt-4.1-mini', false],
])('%s has a flex price of its own: %s', (modelId, has) => {
  const [standard, flex] = costs('openai', modelId, { inputTokens: 1_000_000 });
  expect(flex).toBe(has ? (standard as bigint) / 2n : standard);
});
