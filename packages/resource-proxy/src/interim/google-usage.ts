import type { Usage } from '@aipassport/policy';
import { Counts, list, member } from './counts.js';

/**
 * Of `generateContent`, whole or the last piece of a stream. Counts that are zero are left out by the vendor. The prompt
 * includes what was cached; thoughts and what tools put before the model come on top.
 */
export function readContentUsage(answer: unknown): Usage | undefined {
  const usage = member(answer, 'usageMetadata');
  const counts = new Counts();
  const prompt = counts.require(usage, 'promptTokenCount');
  const toolPrompt = counts.optional(usage, 'toolUsePromptTokenCount');
  const cached = counts.optional(usage, 'cachedContentTokenCount');
  const output = counts.optional(usage, 'candidatesTokenCount') + counts.optional(usage, 'thoughtsTokenCount');
  const total = counts.optional(usage, 'totalTokenCount');
  counts.expect(prompt > 0 && (total === 0 || total === prompt + toolPrompt + output));
  const details = member(usage, 'promptTokensDetails');
  // What a cache held is counted in both lists; the dearer reading, none of it from the cache, is taken.
  const audio = countOf(details, 'AUDIO', counts);
  const video = countOf(details, 'VIDEO', counts);
  const imagesOut = countOf(member(usage, 'candidatesTokensDetails'), 'IMAGE', counts);
  const text = counts.rest(prompt + toolPrompt, audio, video);
  const cachedText = Math.min(cached, Math.max(0, text));
  const found: Usage = {
    inputTokens: counts.rest(text, cachedText),
    cacheReadTokens: cachedText,
    inputAudioTokens: audio,
    inputVideoTokens: video,
    outputTokens: counts.rest(output, imagesOut),
    outputImageTokens: imagesOut,
    webSearches: isGrounded(answer) ? 1 : 0,
  };
  return counts.isSound ? found : undefined;
}

function countOf(details: unknown, modality: string, counts: Counts): number {
  return list(details)
    .filter((detail) => member(detail, 'modality') === modality)
    .reduce<number>((sum, detail) => sum + counts.optional(detail, 'tokenCount'), 0);
}

/** A prompt that was answered with a search is billed once. */
export function isGrounded(answer: unknown): boolean {
  return list(member(answer, 'candidates')).some(
    (candidate) => list(member(member(candidate, 'groundingMetadata'), 'webSearchQueries')).length > 0,
  );
}
