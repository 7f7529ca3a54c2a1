import type { PricedBodyOf } from '../../../fields/field-tables.js';
import { isJsonObject, type JsonObject } from '../../json.js';
import type { Usage } from '../../usage.js';
import type { CallTerms } from '../call-terms.js';
import { refuseCost } from '../cost-refusal.js';
import type { Demand } from '../estimate.js';
import { googleInput } from '../google/read-input.js';
import { measureInput } from '../measure-input.js';
import { measureTexts } from '../text-tokens.js';
import { openaiInput } from './read-input.js';

/** OpenAI's embeddings. If the input is given as token numbers, these are counted. */
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

/** Google's embedContent. */
export function demandGoogleEmbedding(body: PricedBodyOf<'google.embedContent'>, terms: CallTerms): Demand {
  return demandContents(body, [body], terms);
}

/** Google's batchEmbedContents. */
export function demandGoogleEmbeddings(body: PricedBodyOf<'google.batchEmbedContents'>, terms: CallTerms): Demand {
  return demandContents(body, Array.isArray(body.requests) ? body.requests : [], terms);
}

/** Each content is cut off at what the model reads. */
function demandContents(body: JsonObject, requests: readonly unknown[], { price, limits }: CallTerms): Demand {
  let textTokens = 0;
  let filled = 0;
  for (const request of requests) {
    if (!isJsonObject(request)) return refuseCost('requests', 'malformed');
    const measure = measureInput(request, googleInput);
    const media = measure.images + measure.audioTokens + measure.videoTokens > 0 || measure.filledBy !== 'nothing';
    if (media) filled += limits.maxInputTokens;
    else textTokens += Math.min(measure.textTokens, limits.maxInputTokens);
  }
  if (filled === 0) return { body, inputs: [{ inputTokens: textTokens }] };
  // Pictures, audio and video cost more than text, so the input is priced as full of the most expensive kind.
  const kinds = (['inputImageTokens', 'inputAudioTokens', 'inputVideoTokens'] as const).filter((kind) =>
    price.named.has(kind),
  );
  if (kinds.length === 0) return refuseCost('inlineData', 'not_priced');
  return { body, inputs: kinds.map((kind): Usage => ({ inputTokens: textTokens, [kind]: filled })) };
}
