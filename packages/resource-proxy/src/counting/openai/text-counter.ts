import { createRequire } from 'node:module';
import { boundTextTokens, withMargin } from '@aipassport/policy';
import type { TextCounter } from '../input-counting.js';

interface Encoding {
  readonly countTokens: (text: string, options: { readonly disallowedSpecial: Set<string> }) => number;
  readonly clearMergeCache: () => void;
}

const require = createRequire(import.meta.url);
/** Models whose tokenizer is published, or is the same as the published tokenizer of an earlier model. */
const encodings: readonly (readonly [models: RegExp, encoding: string])[] = [
  [/^(text-embedding-|gpt-3\.5-|gpt-4($|-))/, 'cl100k_base'],
  [/^(gpt-|chatgpt-|o[134](-|$))/, 'o200k_base'],
];

/** The time limit for counting all texts of one request. After it, each byte of text counts as a token. */
const maxMilliseconds = 1_000;
/** Texts are counted in slices of this length. The clock is read between slices. */
const sliceLength = 16_384;
/**
 * Words of this length are counted in pieces, because the time to count a word grows with the square of its length. Few
 * real words are so long.
 */
const longWord = /[\p{L}\p{M}]{32}|\s{32}|[^\s\p{L}\p{M}\p{N}]{32}/gu;
/** If a text contains the name of a special token, the name is counted as plain text. The vendor does the same. */
const noSpecial = { disallowedSpecial: new Set<string>() };

/**
 * Creates a counter that counts the tokens of a text as OpenAI counts them. Loading an encoding takes 400 ms and 60 MB
 * of memory, of which 20 MB stay in the heap. So it is loaded on first use, and only in the threads that prepare
 * bodies.
 *
 * @returns undefined for a model whose tokenizer is not known
 */
export function createTextCounter(modelId: string, now: () => number): TextCounter | undefined {
  const name = encodings.find(([models]) => models.test(modelId))?.[1];
  if (name === undefined) return undefined;
  const encoding = require(`gpt-tokenizer/cjs/encoding/${name}`) as Encoding; // the type that the package declares
  const endAt = now() + maxMilliseconds;
  return (text) => {
    let tokens = 0;
    let from = 0;
    for (; from < text.length && now() <= endAt; from += sliceLength)
      tokens += countSlice(encoding, text.slice(from, from + sliceLength));
    // The merge cache would keep pieces of the text in memory.
    encoding.clearMergeCache();
    return withMargin(tokens) + boundTextTokens(text.slice(from));
  };
}

function countSlice({ countTokens }: Encoding, text: string): number {
  let tokens = 0;
  let from = 0;
  for (const { 0: word, index } of text.matchAll(longWord)) {
    tokens += countTokens(text.slice(from, index), noSpecial) + countTokens(word, noSpecial);
    from = index + word.length;
  }
  return tokens + countTokens(text.slice(from), noSpecial);
}
