import { modelFieldTables, type PricedBodyOf } from '../../fields/field-tables.js';
import type { BodyOperationId } from '../../operations/dialect-operations.js';
import type { JsonObject } from '../json.js';
import { demandAnthropicMessages } from './anthropic/demand.js';
import type { CallTerms } from './call-terms.js';
import { type CostRefusal, CostRefused } from './cost-refusal.js';
import { buildEstimate, type Demand, type Estimate } from './estimate.js';
import { demandGoogleContent } from './google/demand.js';
import { demandOpenaiChat, demandOpenaiResponses } from './openai/demand.js';
import { demandSpeech, demandTranscription, type Upload, type UploadTerms } from './openai/demand-audio.js';
import { demandCompletions } from './openai/demand-completions.js';
import { demandGoogleEmbedding, demandGoogleEmbeddings, demandOpenaiEmbeddings } from './openai/demand-embeddings.js';
import { demandImageEdits, demandImages, demandImageVariations, demandJsonImageEdits } from './openai/demand-images.js';
import { requireOffered } from './require-offered.js';

export type EstimateResult =
  | { readonly ok: true; readonly estimate: Estimate }
  | { readonly ok: false; readonly refusal: CostRefusal };

type DemandReader = (body: JsonObject, terms: CallTerms) => Demand;

/** Operations that cost nothing, such as counting tokens and moderation. */
const free: DemandReader = (body) => ({ body, inputs: [{}] });

const readers = {
  'openai.chat/completions': demandOpenaiChat,
  'openai.completions': demandCompletions,
  'openai.responses': demandOpenaiResponses,
  'openai.responses/input_tokens': free,
  'openai.moderations': free,
  'openai.embeddings': demandOpenaiEmbeddings,
  'openai.images/generations': demandImages,
  'openai.images/edits': demandImageEdits,
  'openai.images/edits.json': demandJsonImageEdits,
  'openai.images/variations': demandImageVariations,
  'openai.audio/speech': demandSpeech,
  'anthropic.messages': demandAnthropicMessages,
  'anthropic.messages/count_tokens': free,
  'google.generateContent': demandGoogleContent,
  'google.streamGenerateContent': demandGoogleContent,
  'google.countTokens': free,
  'google.embedContent': demandGoogleEmbedding,
  'google.batchEmbedContents': demandGoogleEmbeddings,
} satisfies { readonly [Id in BodyOperationId]: (body: PricedBodyOf<Id>, terms: CallTerms) => Demand };

/** Estimates the most that a request with a JSON body can cost. A request with a part that has no price is refused. */
export function estimateCall(body: JsonObject, terms: CallTerms): EstimateResult {
  const read: DemandReader = readers[terms.operationId];
  return estimateWith(terms, () => {
    requireOffered(body, modelFieldTables[terms.operationId]);
    return read(body, terms);
  });
}

/** The same for an upload, whose fields do not change its price beyond what `Upload` says. */
export function estimateUpload(upload: Upload, terms: UploadTerms): EstimateResult {
  return estimateWith(terms, () => demandTranscription(upload, terms));
}

function estimateWith({ price }: Pick<CallTerms, 'price'>, demand: () => Demand): EstimateResult {
  try {
    return { ok: true, estimate: buildEstimate(price, demand()) };
  } catch (error) {
    if (error instanceof CostRefused) return { ok: false, refusal: error.refusal };
    throw error;
  }
}
