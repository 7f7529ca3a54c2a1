import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { CallTerms } from '../call-terms.js';
import type { Demand } from '../estimate.js';
import { measureInput } from '../measure-input.js';
import { measureTexts } from '../text-tokens.js';
import { openaiInput } from './read-input.js';

/** The demand of OpenAI's embeddings. If the input is a list of token numbers, the numbers are counted. */
export function demandOpenaiEmbeddings(
  body: PricedBodyOf<'openai.embeddings'>,
  { limits, counted }: CallTerms,
): Demand {
  const tokens = countTokens(body.input) ?? measureInput(body, openaiInput, measureTexts(counted)).textTokens;
  return { body, inputs: [{ inputTokens: Math.min(tokens, limits.maxInputTokens) }] };
}

/** @returns undefined unless the input is a list of numbers or a list of such lists */
export function countTokens(input: unknown): number | undefined {
  if (!Array.isArray(input)) return undefined;
  if (input.every((item) => typeof item === 'number')) return input.length;
  return input.every((item) => Array.isArray(item) && item.every((token) => typeof token === 'number'))
    ? input.flat().length
    : undefined;
}
