import { expect, it } from '@jest/globals';
import {
  type Capability,
  countUses,
  createPriceCatalogue,
  findExample,
  oneUsd,
  parsePriceOverrides,
} from '../../src/index.js';

const now = new Date('2026-06-01T00:00:00Z');

function count(capability: Capability, name: string, dollars: bigint, { findPrice } = createPriceCatalogue()) {
  const [upstream = '', model = ''] = name.split('/');
  const price = findPrice(upstream, model, now);
  const example = price && findExample(capability, price);
  return example && [countUses(dollars * oneUsd, example), example.use];
}

it.each([
  // A chat with 500 input tokens at $0.15 and 300 output tokens at $0.60 a million costs $0.000255.
  ['chat', 'openai/gpt-4o-mini', 1n, [3_000, 'chat']],
  ['chat', 'openai/gpt-4o-mini', 5n, [10_000, 'chat']],
  // 500 tokens at $2.50 and 300 tokens at $10 a million cost $0.00425.
  ['chat', 'openai/gpt-4o', 1n, [200, 'chat']],
  ['chat', 'openai/gpt-4o', 0n, [0, 'chat']],
  // 100 tokens at $5 and 1,300 tokens at $40 a million cost $0.0525.
  ['images', 'openai/gpt-image-1', 5n, [90, 'picture']],
  // 100 tokens at $0.30 and 1,300 tokens at $30 a million cost $0.03903.
  ['images', 'google/gemini-2.5-flash-image', 5n, [100, 'picture']],
  // 900 characters at $15 a million cost $0.0135.
  ['audio', 'openai/tts-1', 1n, [70, 'speech']],
  // 200 tokens at $0.60 and 1,260 tokens at $12 a million cost $0.01524.
  ['audio', 'openai/gpt-4o-mini-tts', 1n, [60, 'speech']],
  // OpenAI names the price: $0.006 for a minute.
  ['audio', 'openai/whisper-1', 3n, [500, 'transcription']],
  // 600 tokens at $6 and 200 tokens at $10 a million cost $0.0056; OpenAI says about $0.006 for a minute.
  ['audio', 'openai/gpt-4o-transcribe', 1n, [100, 'transcription']],
  // 500 tokens at $0.02 a million cost $0.00001.
  ['embeddings', 'openai/text-embedding-3-small', 1n, [100_000, 'page']],
] as const)(
  '%s with %s: counts what %s dollars pay for, rounded down to one digit',
  (capability, name, dollars, expected) => {
    expect(count(capability, name, dollars)).toEqual(expected);
  },
);

it('counts pictures that are billed by the picture', () => {
  const painter = { upstream: 'openai', id: 'painter', capabilities: ['images'], context_window: 1_000 };
  const models = [{ ...painter, max_output_tokens: 1_000, prices: { output_images_kcount: 40 } }];
  const parsed = parsePriceOverrides(JSON.stringify({ models }));
  if (!parsed.ok) throw new Error(parsed.message);
  expect(count('images', 'openai/painter', 2n, createPriceCatalogue(parsed.overrides))).toEqual([50, 'picture']);
});

it.each([
  ['chat', 'openai/text-embedding-3-small'],
  ['chat', 'openai/omni-moderation-latest'],
  ['images', 'openai/text-embedding-3-small'],
  ['audio', 'openai/gpt-4o'],
  ['code', 'openai/gpt-4o'],
] as const)('says nothing about %s with %s, which has no example or no price, or is free', (capability, name) => {
  expect(count(capability, name, 1n)).toBeUndefined();
});
