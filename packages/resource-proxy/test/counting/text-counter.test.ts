import { createRequire } from 'node:module';
import { expect, it } from '@jest/globals';
import { createTextCounter } from '../../src/counting/openai/text-counter.js';

const english = 'The quick brown fox jumps over the lazy dog and considers, at some length, what it means. '
  .repeat(450)
  .slice(0, 40_000);

function countWith(modelId: string, now = () => 0): (text: string) => number {
  const counter = createTextCounter(modelId, now);
  if (counter === undefined) throw new Error('its tokenizer is not known');
  return counter;
}

it.each([
  ['gpt-4o', 8_889],
  ['gpt-5-mini', 8_889],
  ['text-embedding-3-small', 8_889],
])(
  'counts at least the tokens that the tokenizer of %s counts in 40 kB of English, and at most four percent more',
  (model, tokens) => {
    const counted = countWith(model)(english);
    expect(counted).toBeGreaterThanOrEqual(tokens);
    expect(counted).toBeLessThan(tokens * 1.04);
  },
);

it.each(['llama3.1', 'claude-haiku-4-5', 'gemini-2.5-pro'])(
  'does not count for %s, whose tokenizer is not known',
  (model) => {
    expect(createTextCounter(model, () => 0)).toBeUndefined();
  },
);

it.each([
  ['a letter', 'a'],
  ['a space', ' '],
  ['a sign', '='],
  ['a capital letter', 'A'],
])('counts %s, repeated a million times, before the test times out', (_name, character) => {
  const counted = countWith('gpt-4o')(character.repeat(1_000_000));
  expect(counted).toBeGreaterThan(1_000);
  expect(counted).toBeLessThan(1_000_000);
});

it('after its time limit, counts each byte of the remaining text as a token', () => {
  let reads = 0;
  const counted = countWith('gpt-4o', () => (reads++ < 2 ? 0 : 10_000))(english);
  expect(counted).toBeGreaterThan(40_000 - 16_384);
  expect(counted).toBeLessThan(40_000 - 16_384 + 4_000);
});

it('keeps no piece of a text in memory, even after its time limit', () => {
  const { default: encoding } = createRequire(import.meta.url)('gpt-tokenizer/cjs/encoding/o200k_base') as {
    default: { bytePairEncodingCoreProcessor: { mergeCache: Map<string, unknown> } };
  }; // `require` returns `any`; this is the type that the package declares
  for (const last of [2, 1_000]) {
    let reads = 0;
    countWith('gpt-4o', () => (reads++ < last ? 0 : 10_000))(`Xylographicalness ${english}`);
    expect(reads).toBeGreaterThan(2);
    expect(encoding.bytePairEncodingCoreProcessor.mergeCache.size).toBe(0);
  }
});

it('treats the names of special tokens as text', () => {
  expect(countWith('gpt-4o')('<|endoftext|>')).toBeGreaterThan(5);
});
