import { totalOutputTokens } from '@aipassport/policy';
import { JsonElements } from './json-elements.js';
import type { AnswerMeter, Meter } from './meter.js';
import { meterJson } from './meter-json.js';
import { readSpeechUsage, readTranscriptUsage } from './read-openai-audio-usage.js';
import { readChatUsage, readImagesUsage } from './read-openai-usage.js';
import { OutputCounter } from './output-counter.js';
import { SpeechMeter } from './speech-meter.js';
import { SseLines } from './sse-lines.js';
import { tapMessage } from './tap-anthropic.js';
import { tapContent } from './tap-google.js';
import { tapImages, tapLastUsage, tapResponse } from './tap-openai.js';
import { UsageHider } from './usage-hider.js';
import type { UsageReading } from './usage-reading.js';
import type { PartReader, UsageTap } from './usage-tap.js';

export interface MeterOptions {
  readonly operationId: string;
  /** Whether the usage of a chat was asked for by us, see `requestUsage`: then the client is not to see it. */
  readonly hidesUsage: boolean;
  /** Whether the stream shows the model's thinking, if it thinks: see `showsThinking`. Absent: it does not. */
  readonly showsThinking?: boolean;
}

const taps: Readonly<Record<string, () => UsageTap>> = {
  'openai.chat/completions': () => tapLastUsage(readChatUsage),
  'openai.responses': tapResponse,
  'openai.images/generations': () => tapImages(readImagesUsage),
  'openai.audio/speech': () => tapLastUsage(readSpeechUsage),
  'openai.audio/transcriptions': () => tapLastUsage(readTranscriptUsage),
  'anthropic.messages': tapMessage,
  'google.streamGenerateContent': tapContent,
};

/** Meters one answer, in the way of its operation and its content type. */
export function createMeter(options: MeterOptions): Meter {
  let answer: AnswerMeter = unmetered;
  let isUnderWay = false;
  const counter = new OutputCounter(options.operationId);
  return {
    changesLength: options.hidesUsage,
    start: (contentType) => {
      answer = chooseMeter(options, counter, contentType.toLowerCase());
      isUnderWay = true;
    },
    feed: (chunk) => answer.feed(chunk),
    end: () => {
      isUnderWay = false;
      return answer.end();
    },
    // What an answer has said of its usage by the time it is cut may be less than what is billed.
    readUsage: () => (isUnderWay ? cutOff : answer.readUsage()),
    readProduced: () => {
      const { tokens } = counter;
      if (tokens === undefined || tokens === 0) return undefined;
      const soFar = answer.readSoFar?.();
      const reported = soFar?.trusted === true ? soFar.usage : undefined;
      if (options.showsThinking === true) return { outputTokens: tokens, reported };
      // Only a vendor that reports running counts knows this.
      return reported && { outputTokens: tokens + totalOutputTokens(reported), reported };
    },
  };
}

function chooseMeter(
  { operationId, hidesUsage }: MeterOptions,
  counter: OutputCounter,
  contentType: string,
): AnswerMeter {
  const tap = taps[operationId]?.();
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
const cutOff: UsageReading = { trusted: false, problem: 'answer_cut_off' };

/** Text that has no place for its usage. */
const unmetered: AnswerMeter = {
  feed: (chunk) => chunk,
  end: () => nothing,
  readUsage: () => ({ trusted: false, problem: 'usage_missing' }),
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
    readTail: (tail) => {
      counter.lose();
      tap.readTail(tail);
    },
  };
}
