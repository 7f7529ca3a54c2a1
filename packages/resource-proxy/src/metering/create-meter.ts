import { type CountedOperationId, isCountedOperation, type OperationId, totalOutputTokens } from '@aipassport/policy';
import { tapMessage } from './anthropic/tap-usage.js';
import { tapContent } from './google/tap-usage.js';
import { JsonElements } from './json-elements.js';
import type { AnswerMeter, Meter, SeenAnswer } from './meter.js';
import { meterJson } from './meter-json.js';
import { readSpeechUsage, readTranscriptUsage } from './openai/read-audio-usage.js';
import { readChatUsage, readCompletionUsage, readImagesUsage } from './openai/read-usage.js';
import type { TextFormat } from './openai/render-transcript.js';
import { SpeechMeter } from './openai/speech-meter.js';
import { tapImages, tapLastUsage, tapResponse } from './openai/tap-usage.js';
import { TranscriptMeter } from './openai/transcript-meter.js';
import { UsageHider } from './openai/usage-hider.js';
import { OutputCounter } from './output-counter.js';
import { readAnswerUsage } from './read-answer.js';
import { SseLines } from './sse-lines.js';
import type { UsageReading } from './usage-reading.js';
import type { PartReader, UsageTap } from './usage-tap.js';

export interface MeterOptions {
  readonly operationId: OperationId;
  /**
   * Whether the usage of a chat was requested by this proxy only, see `requestUsage`. Then it is hidden from the
   * client.
   */
  readonly hidesUsage: boolean;
  /** The format of a transcript, if the client asked for one that does not state its length. Known with the answer. */
  readonly readTextFormat?: () => TextFormat | undefined;
  /** Whether the stream shows the model's thinking, if it thinks: see `showsThinking`. False when absent. */
  readonly showsThinking?: boolean;
}

/** undefined for an operation without streamed answers. */
const taps = {
  'openai.chat/completions': () => tapLastUsage(readChatUsage),
  'openai.completions': () => tapLastUsage(readCompletionUsage),
  'openai.responses': tapResponse,
  'openai.images/generations': () => tapImages(readImagesUsage),
  'openai.images/edits': () => tapImages(readImagesUsage),
  'openai.images/edits.json': () => tapImages(readImagesUsage),
  'openai.audio/speech': () => tapLastUsage(readSpeechUsage),
  'openai.audio/transcriptions': () => tapLastUsage(readTranscriptUsage),
  'anthropic.messages': tapMessage,
  'google.streamGenerateContent': tapContent,
  'openai.responses/input_tokens': undefined,
  'openai.moderations': undefined,
  'openai.embeddings': undefined,
  'openai.audio/translations': undefined,
  'openai.images/variations': undefined,
  'anthropic.messages/count_tokens': undefined,
  'google.generateContent': undefined,
  'google.countTokens': undefined,
  'google.embedContent': undefined,
  'google.batchEmbedContents': undefined,
} satisfies Readonly<Record<CountedOperationId, (() => UsageTap) | undefined>>;

/** Creates the meter for one answer, by its operation and content type. */
export function createMeter(options: MeterOptions): Meter {
  let answer: AnswerMeter = unmetered;
  let state: 'waiting' | 'under way' | 'ended' = 'waiting';
  let type = '';
  let bytes = 0;
  let ofError: UsageReading = missing;
  const counter = new OutputCounter(options.operationId);
  return {
    start: (contentType) => {
      type = contentType.toLowerCase();
      state = 'under way';
      const format = type.startsWith('application/json') ? options.readTextFormat?.() : undefined;
      answer = format ? new TranscriptMeter(options.operationId, format) : chooseMeter(options, counter, type);
      return {
        changesLength: options.hidesUsage || format !== undefined,
        contentType: format && 'text/plain; charset=utf-8',
      };
    },
    feed: (chunk) => {
      bytes += chunk.length;
      return answer.feed(chunk);
    },
    end: () => {
      state = 'ended';
      return answer.end();
    },
    readError: (body) => {
      if (body !== undefined) ofError = readAnswerUsage(options.operationId, body);
    },
    readUsage: () => {
      if (state === 'waiting') return ofError;
      // When an answer is cut, the usage that it has reported so far may be less than what is billed.
      return state === 'under way' ? cutOff : answer.readUsage();
    },
    readSeen: () => {
      const isStream = type.startsWith('text/event-stream');
      if (isStream || answer.readSoFar !== undefined) return seeStream(options, { answer, counter, bytes });
      return seeWhole(options, { answer, type, bytes: state === 'ended' ? bytes : undefined });
    },
  };
}

interface StreamSight {
  readonly answer: AnswerMeter;
  readonly counter: OutputCounter;
  readonly bytes: number;
}

function seeStream(
  { operationId, showsThinking = false }: MeterOptions,
  { answer, counter, bytes }: StreamSight,
): SeenAnswer {
  const { tokens, textBytes, isWhole, hasFailed } = counter;
  const soFar = answer.readSoFar?.();
  const reported = soFar?.trusted === true ? soFar.usage : undefined;
  // A running count includes hidden thinking.
  const ofThinking = !showsThinking && reported !== undefined ? totalOutputTokens(reported) : 0;
  return {
    bytes,
    outputTokens: tokens + ofThinking,
    textBytes,
    mayHide: !isWhole || (!showsThinking && reported === undefined),
    reported,
    isFailure: hasFailed,
    showsPictures: operationId.startsWith('openai.images/') && reported !== undefined,
  };
}

interface WholeSight {
  readonly answer: AnswerMeter;
  readonly type: string;
  /** The number of bytes; undefined while the answer has not ended. */
  readonly bytes: number | undefined;
}

/** An answer that is not a stream reports nothing before its end. */
function seeWhole({ showsThinking = false }: MeterOptions, { answer, type, bytes }: WholeSight): SeenAnswer {
  const { textBytes, hasFailed } = (bytes === undefined ? undefined : answer.readText?.()) ?? noText;
  return {
    bytes: bytes ?? 0,
    outputTokens: bytes ?? 0,
    textBytes,
    mayHide: bytes === undefined || !showsThinking,
    reported: undefined,
    // No vendor answers with an HTML page, so an intermediary did.
    isFailure: type.startsWith('text/html') || (hasFailed && textBytes === 0),
  };
}

function chooseMeter(
  { operationId, hidesUsage }: MeterOptions,
  counter: OutputCounter,
  contentType: string,
): AnswerMeter {
  const tap: UsageTap | undefined = isCountedOperation(operationId) ? taps[operationId]?.() : undefined;
  if (tap !== undefined && contentType.startsWith('text/event-stream')) {
    return hidesUsage ? new UsageHider(tap, counter) : meterParts(new SseLines(countWith(counter, tap)), tap);
  }
  if (contentType.startsWith('application/json')) {
    const isList = operationId === 'google.streamGenerateContent' && tap !== undefined;
    return isList ? meterParts(new JsonElements(countWith(counter, tap)), tap) : meterJson(operationId);
  }
  return operationId === 'openai.audio/speech' ? new SpeechMeter(contentType) : unmetered;
}

const nothing = Buffer.alloc(0);
const noText = { textBytes: 0, hasFailed: false };
const cutOff: UsageReading = { trusted: false, problem: 'answer_cut_off' };
const missing: UsageReading = { trusted: false, problem: 'usage_missing' };

/** Text without a place for its usage. */
const unmetered: AnswerMeter = {
  feed: (chunk) => chunk,
  end: () => nothing,
  readUsage: () => missing,
};

function meterParts(parts: SseLines | JsonElements, tap: UsageTap): AnswerMeter {
  return {
    feed: (chunk) => {
      parts.write(chunk);
      return chunk;
    },
    end: () => {
      parts.end();
      return nothing;
    },
    readUsage: tap.finish,
    ...(tap.readSoFar !== undefined && { readSoFar: tap.readSoFar }),
  };
}

function countWith(counter: OutputCounter, tap: UsageTap): PartReader {
  return {
    readPart: (json) => {
      counter.count(json);
      tap.readPart(json);
    },
    readLarge: (skeleton) => {
      counter.countLarge(skeleton);
      tap.readLarge(skeleton);
    },
  };
}
