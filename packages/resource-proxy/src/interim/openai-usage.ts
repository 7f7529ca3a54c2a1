import type { Usage } from '@aipassport/policy';
import { Counts, list, member } from './counts.js';

/** Of `chat/completions`, whole or the last chunk of a stream: prompt and completion include their parts. */
export function readChatUsage(answer: unknown): Usage | undefined {
  const usage = member(answer, 'usage');
  const counts = new Counts();
  const prompt = counts.require(usage, 'prompt_tokens');
  const completion = counts.require(usage, 'completion_tokens');
  const promptDetails = member(usage, 'prompt_tokens_details');
  const completionDetails = member(usage, 'completion_tokens_details');
  const cached = counts.optional(promptDetails, 'cached_tokens');
  const written = counts.optional(promptDetails, 'cache_write_tokens');
  const audioIn = counts.optional(promptDetails, 'audio_tokens');
  const audioOut = counts.optional(completionDetails, 'audio_tokens');
  counts.expect(prompt > 0 && counts.optional(completionDetails, 'reasoning_tokens') <= completion);
  counts.expect(sumAgrees(usage, prompt + completion, counts));
  const read: Usage = {
    inputTokens: counts.rest(prompt, cached, written, audioIn),
    cacheReadTokens: cached,
    cacheWriteTokens: written,
    inputAudioTokens: audioIn,
    outputTokens: counts.rest(completion, audioOut),
    outputAudioTokens: audioOut,
  };
  return counts.isSound ? read : undefined;
}

/** Of `responses`; searches and containers are counted from the output, since `usage` leaves them out. */
export function readResponsesUsage(response: unknown): Usage | undefined {
  const usage = member(response, 'usage');
  const counts = new Counts();
  const input = counts.require(usage, 'input_tokens');
  const output = counts.require(usage, 'output_tokens');
  const details = member(usage, 'input_tokens_details');
  const cached = counts.optional(details, 'cached_tokens');
  const written = counts.optional(details, 'cache_write_tokens');
  counts.expect(input > 0 && sumAgrees(usage, input + output, counts));
  const items = list(member(response, 'output'));
  const read: Usage = {
    inputTokens: counts.rest(input, cached, written),
    cacheReadTokens: cached,
    cacheWriteTokens: written,
    outputTokens: output,
    webSearches: items.filter((item) => member(item, 'type') === 'web_search_call').length,
    codeSessions: new Set(
      items
        .filter((item) => member(item, 'type') === 'code_interpreter_call')
        .map((item) => member(item, 'container_id')),
    ).size,
  };
  return counts.isSound ? read : undefined;
}

export function readEmbeddingsUsage(answer: unknown): Usage | undefined {
  const counts = new Counts();
  const inputTokens = counts.require(member(answer, 'usage'), 'prompt_tokens');
  counts.expect(inputTokens > 0);
  return counts.isSound ? { inputTokens } : undefined;
}

export function readImagesUsage(answer: unknown): Usage | undefined {
  const usage = member(answer, 'usage');
  const counts = new Counts();
  const input = counts.require(usage, 'input_tokens');
  const output = counts.require(usage, 'output_tokens');
  const images = counts.optional(member(usage, 'input_tokens_details'), 'image_tokens');
  const text = counts.optional(member(usage, 'output_tokens_details'), 'text_tokens');
  counts.expect(output > 0);
  const read: Usage = {
    inputTokens: counts.rest(input, images),
    inputImageTokens: images,
    outputTokens: text,
    outputImageTokens: counts.rest(output, text),
  };
  return counts.isSound ? read : undefined;
}

/** Of `audio/transcriptions`: by tokens, or by begun seconds. */
export function readTranscriptionUsage(answer: unknown): Usage | undefined {
  const usage = member(answer, 'usage');
  const counts = new Counts();
  const seconds = member(usage, 'seconds');
  if (member(usage, 'type') === 'duration' && typeof seconds === 'number' && seconds > 0 && seconds < 1e6)
    return { audioSeconds: Math.ceil(seconds) };
  const input = counts.require(usage, 'input_tokens');
  const audio = counts.optional(member(usage, 'input_token_details'), 'audio_tokens');
  const read: Usage = {
    inputTokens: counts.rest(input, audio),
    inputAudioTokens: audio,
    outputTokens: counts.require(usage, 'output_tokens'),
  };
  counts.expect(input > 0);
  return counts.isSound ? read : undefined;
}

function sumAgrees(usage: unknown, sum: number, counts: Counts): boolean {
  const total = counts.optional(usage, 'total_tokens');
  return total === 0 || total === sum;
}
