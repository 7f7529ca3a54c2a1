import { type CountedInput, isCount, isJsonObject, type JsonObject } from '@aipassport/policy';
import type { InputCounting } from '../input-counting.js';

export const googleCounting: InputCounting = {
  kind: 'input',
  composeBody: (body, modelId) => ({ generateContentRequest: { ...body, model: `models/${modelId}` } }),
  readAnswer,
};

function readAnswer({ totalTokens: tokens, promptTokensDetails: details }: JsonObject): CountedInput | undefined {
  if (!isCount(tokens) || tokens === 0) return undefined;
  const of = (modality: string): number => sumOf(details, modality);
  return { tokens, audioTokens: of('AUDIO'), imageTokens: of('IMAGE'), videoTokens: of('VIDEO') };
}

function sumOf(details: unknown, modality: string): number {
  if (!Array.isArray(details)) return 0;
  const counts = details.filter((detail): detail is JsonObject => isJsonObject(detail) && detail.modality === modality);
  return counts.reduce((sum, { tokenCount }) => sum + (isCount(tokenCount) ? tokenCount : 0), 0);
}
