import type { PricedBodyOf } from '../../../fields/field-tables.js';
import { isJsonObject, type JsonObject } from '../../json.js';
import type { Usage } from '../../usage.js';
import type { CallTerms } from '../call-terms.js';
import { refuseCost } from '../cost-refusal.js';
import type { Demand } from '../estimate.js';
import { measureInput } from '../measure-input.js';
import { googleInput } from './read-input.js';

/** Google's embedContent. */
export function demandGoogleEmbedding(body: PricedBodyOf<'google.embedContent'>, terms: CallTerms): Demand {
  return demandContents(body, [body], terms);
}

/** Google's batchEmbedContents. */
export function demandGoogleEmbeddings(body: PricedBodyOf<'google.batchEmbedContents'>, terms: CallTerms): Demand {
  return demandContents(body, Array.isArray(body.requests) ? body.requests : [], terms);
}

/** The vendor cuts off each content at the input limit of the model. */
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
  // Pictures, audio and video cost more than text, so a content with any of them is priced as a full input of the most
  // expensive kind.
  const kinds = (['inputImageTokens', 'inputAudioTokens', 'inputVideoTokens'] as const).filter((kind) =>
    price.named.has(kind),
  );
  if (kinds.length === 0) return refuseCost('inlineData', 'not_priced');
  return { body, inputs: kinds.map((kind): Usage => ({ inputTokens: textTokens, [kind]: filled })) };
}
