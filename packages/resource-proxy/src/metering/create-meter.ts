import {
  type JsonObject,
  type OperationId,
  streamsList,
  totalOutputTokens,
  type UsageReport,
} from '@aipassport/policy';
import { JsonElements } from './json-elements.js';
import type { AnswerMeter, Meter, PassedForm, SeenAnswer } from './meter.js';
import { meterJson } from './meter-json.js';
import { findMetering } from './metering-table.js';
import type { OperationMetering } from './operation-metering.js';
import { OutputCounter } from './output-counter.js';
import { readAnswerUsage } from './read-answer.js';
import { SseLines } from './sse-lines.js';
import type { TextFormat } from './text-format.js';
import type { UsageReading } from './usage-reading.js';
import type { PartReader, UsageTap } from './usage-tap.js';

export interface MeterOptions {
  readonly operationId: OperationId;
  /** How the vendor's chats report their usage: see `ChatRules`. */
  readonly usageReport?: UsageReport | undefined;
  /**
   * Whether only this proxy, and not the client, requested the usage of a chat: see `RequestedUsage`. The usage is then
   * hidden from the client.
   */
  readonly hidesUsage: boolean;
  /**
   * Returns the format of a transcript, if the client asked for a format that does not state the length of the
   * recording. The format is known when the answer begins.
   */
  readonly readTextFormat?: () => TextFormat | undefined;
  /** Whether the stream shows the model's thinking, if it thinks: see `showsThinking`. False when absent. */
  readonly showsThinking?: boolean;
}

/** Creates the meter for one answer, by its operation and content type. */
export function createMeter(options: MeterOptions): Meter {
  return new AnswerInPhases(options);
}

/**
 * Waits for the answer to begin, chooses a meter by the answer's content type, and remembers whether the answer has
 * ended.
 */
class AnswerInPhases implements Meter {
  readonly #options: MeterOptions;
  readonly #metering: OperationMetering | undefined;
  readonly #counter: OutputCounter;
  #answer: AnswerMeter = unmetered;
  #phase: 'waiting' | 'under way' | 'ended' = 'waiting';
  #type = '';
  #bytes = 0;
  #ofError: UsageReading = missing;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#metering = findMetering(options.operationId, options.usageReport);
    this.#counter = new OutputCounter(this.#metering?.output);
  }

  readonly start = (contentType: string): PassedForm => {
    this.#type = contentType.toLowerCase();
    this.#phase = 'under way';
    const format = this.#type.startsWith('application/json') ? this.#options.readTextFormat?.() : undefined;
    const ofTranscript = format && this.#metering?.report?.createMeter(format);
    this.#answer = ofTranscript ?? this.#chooseMeter();
    return {
      changesLength: this.#options.hidesUsage || format !== undefined,
      contentType: format && 'text/plain; charset=utf-8',
    };
  };

  readonly feed = (chunk: Buffer): Buffer => {
    this.#bytes += chunk.length;
    return this.#answer.feed(chunk);
  };

  readonly end = (): Buffer => {
    this.#phase = 'ended';
    return this.#answer.end();
  };

  readonly readError = (body: JsonObject | undefined): void => {
    if (body !== undefined) this.#ofError = readAnswerUsage(this.#metering, body);
  };

  readonly readUsage = (): UsageReading => {
    if (this.#phase === 'waiting') return this.#ofError;
    // When an answer is cut off, the vendor may bill more than the usage that the answer has reported so far.
    return this.#phase === 'under way' ? cutOff : this.#answer.readUsage();
  };

  readonly readSeen = (): SeenAnswer => {
    const isStream = this.#type.startsWith('text/event-stream') || this.#answer.readSoFar !== undefined;
    return isStream ? this.#seeStream() : this.#seeWhole();
  };

  #seeStream(): SeenAnswer {
    const { showsThinking = false } = this.#options;
    const { tokens, textBytes, isWhole, hasFailed } = this.#counter;
    const soFar = this.#answer.readSoFar?.();
    const reported = soFar?.trusted === true ? soFar.usage : undefined;
    // Usage that is reported before the end includes hidden thinking.
    const ofThinking = !showsThinking && reported !== undefined ? totalOutputTokens(reported) : 0;
    return {
      bytes: this.#bytes,
      outputTokens: tokens + ofThinking,
      textBytes,
      mayHide: !isWhole || (!showsThinking && reported === undefined),
      reported,
      isFailure: hasFailed,
      showsPictures: this.#metering?.showsPictures === true && reported !== undefined,
    };
  }

  /** An answer that is not a stream reports nothing before its end. */
  #seeWhole(): SeenAnswer {
    const hasEnded = this.#phase === 'ended';
    const bytes = hasEnded ? this.#bytes : 0;
    const { textBytes, hasFailed } = (hasEnded ? this.#answer.readText?.() : undefined) ?? noText;
    return {
      bytes,
      outputTokens: bytes,
      textBytes,
      mayHide: !hasEnded || this.#options.showsThinking !== true,
      reported: undefined,
      // No vendor answers with an HTML page, so an intermediary did.
      isFailure: this.#type.startsWith('text/html') || (hasFailed && textBytes === 0),
    };
  }

  #chooseMeter(): AnswerMeter {
    const { operationId, hidesUsage } = this.#options;
    const tap = this.#metering?.tap?.();
    if (tap !== undefined && this.#type.startsWith('text/event-stream')) {
      const hidden = hidesUsage ? this.#metering?.requestedUsage?.hide(tap, this.#counter) : undefined;
      return hidden ?? meterParts(new SseLines(countWith(this.#counter, tap)), tap);
    }
    if (this.#type.startsWith('application/json')) {
      return streamsList(operationId) && tap !== undefined
        ? meterParts(new JsonElements(countWith(this.#counter, tap)), tap)
        : meterJson(this.#metering);
    }
    return this.#metering?.meterFile?.(this.#type) ?? unmetered;
  }
}

const nothing = Buffer.alloc(0);
const noText = { textBytes: 0, hasFailed: false };
const cutOff: UsageReading = { trusted: false, problem: 'answer_cut_off' };
const missing: UsageReading = { trusted: false, problem: 'usage_missing' };

/** For an answer whose usage cannot be read. */
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
