import type { PricedBodyOf } from '../../fields/field-tables.js';
import { boundAudioSeconds } from './audio-seconds.js';
import type { CallTerms } from './call-terms.js';
import { refuseCost } from './cost-refusal.js';
import type { Demand } from './estimate.js';
import { boundSpeechSeconds } from './speech-seconds.js';
import { boundTextTokens } from './text-tokens.js';

/**
 * $0.015 a minute at $12 a million tokens (https://platform.openai.com/docs/pricing) are 20.8 tokens for each second
 * of speech.
 */
export const speechTokensPerSecond = 21;

/** OpenAI's audio/speech: by the characters, or by the tokens of text and of the speech that it becomes. */
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

/** What is known of an upload before it is passed on. */
export interface Upload {
  /** Of the recording, or of all of the form. */
  readonly bytes: number;
  /** The recording's first bytes; none when they are not at hand yet. */
  readonly head: Uint8Array;
  /** Whether the form asks for `chunking_strategy`, by which a recording becomes several prompts. */
  readonly isChunked: boolean;
  /** What was found when all of the recording was read; undefined: its size bounds it. */
  readonly measured?: MeasuredRecording | undefined;
}

export interface MeasuredRecording {
  readonly seconds: number;
  /** The most that the text beside the recording can be. */
  readonly textTokens: number;
}

/** OpenAI cuts recordings off at 1,500 seconds for the models that bill tokens, 10 of them a second. */
const maxTokenBilledSeconds = 1_500;
const transcriptTokensPerSecond = 10;

/** A second of a recording is ten tokens, and a few more frame it. */
const audioTokensPerSecond = 11;
const audioFrameTokens = 64;

/** OpenAI's audio/transcriptions: by the second, or by the tokens of the recording and of its transcript. */
export function demandTranscription(upload: Upload, { price, limits }: CallTerms): Demand {
  const { bytes, head, isChunked, measured } = upload;
  const seconds = measured?.seconds ?? boundAudioSeconds(head, bytes);
  if (price.named.has('audioSeconds')) return { body: {}, inputs: [{ audioSeconds: seconds }] };
  const mostTranscript = isChunked ? maxTokenBilledSeconds * transcriptTokensPerSecond : limits.maxOutputTokens;
  const spoken = measured === undefined ? Number.POSITIVE_INFINITY : seconds * audioTokensPerSecond + audioFrameTokens;
  const heard = Math.min(limits.maxInputTokens, spoken + (measured?.textTokens ?? 0));
  const tokens = Math.min(mostTranscript, spoken);
  return {
    body: {},
    inputs: [{ inputTokens: heard }, { inputAudioTokens: heard }],
    // Not to be lowered: the form has no field for it.
    output: { kind: 'outputTokens', tokens, choices: 1, leastTokens: tokens, isOpen: false },
  };
}
