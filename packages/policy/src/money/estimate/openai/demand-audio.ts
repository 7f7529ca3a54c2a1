import type { PricedBodyOf } from '../../../fields/field-tables.js';
import { boundAudioSeconds } from '../audio-seconds.js';
import type { CallTerms } from '../call-terms.js';
import { refuseCost } from '../cost-refusal.js';
import type { Demand } from '../estimate.js';
import { boundTextTokens } from '../text-tokens.js';
import type { Upload, UploadTerms } from '../upload.js';
import { boundSpeechSeconds } from './speech-seconds.js';

/**
 * $0.015 a minute at $12 a million tokens (https://platform.openai.com/docs/pricing) are 20.8 tokens for each second
 * of speech.
 */
export const speechTokensPerSecond = 21;

/** OpenAI's audio/speech. Speech is billed by characters, or by the tokens of the text and of the speech. */
export function demandSpeech(body: PricedBodyOf<'openai.audio/speech'>, { price, limits }: CallTerms): Demand {
  const { input, instructions, speed } = body;
  if (typeof input !== 'string') return refuseCost('input', 'malformed');
  if (price.named.has('inputCharacters')) return { body, inputs: [{ inputCharacters: input.length }] };
  const spoken = boundTextTokens(input);
  const instructed = typeof instructions === 'string' ? boundTextTokens(instructions) : 0;
  const seconds = boundSpeechSeconds(input) / (typeof speed === 'number' && speed > 0 && speed < 1 ? speed : 1);
  const outputTokens = Math.ceil(seconds * speechTokensPerSecond);
  return { body, inputs: [{ inputTokens: Math.min(spoken + instructed, limits.maxInputTokens), outputTokens }] };
}

/**
 * OpenAI refuses recordings of more than 1,500 seconds if the model is billed by tokens. A transcript has at most ten
 * tokens for each second.
 */
const maxTokenBilledSeconds = 1_500;
const transcriptTokensPerSecond = 10;

/** OpenAI counts ten tokens for each second, and a few for the whole recording. Both numbers here are higher. */
const audioTokensPerSecond = 11;
const audioFrameTokens = 64;

/** OpenAI's audio/transcriptions. They are billed by seconds, or by the tokens of the recording and the transcript. */
export function demandTranscription(upload: Upload, { price, limits }: UploadTerms): Demand {
  const { bytes, head, isChunked, measured } = upload;
  const seconds = measured?.seconds ?? boundAudioSeconds(head, bytes);
  if (price.named.has('audioSeconds')) {
    if (seconds === Number.POSITIVE_INFINITY) refuseCost('file', 'not_bounded');
    return { body: {}, inputs: [{ audioSeconds: seconds }] };
  }
  const mostTranscript = isChunked ? maxTokenBilledSeconds * transcriptTokensPerSecond : limits.maxOutputTokens;
  const spoken = measured === undefined ? Number.POSITIVE_INFINITY : seconds * audioTokensPerSecond + audioFrameTokens;
  const heard = Math.min(limits.maxInputTokens, spoken + (measured?.textTokens ?? 0));
  const tokens = Math.min(mostTranscript, spoken);
  return {
    body: {},
    inputs: [{ inputTokens: heard }, { inputAudioTokens: heard }],
    // This limit cannot be lowered, because the form has no field for it.
    output: { kind: 'outputTokens', tokens, choices: 1, leastTokens: tokens, isOpen: false },
  };
}
