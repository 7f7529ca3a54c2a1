import type { CountedOperationId, Dialect, JsonObject, OperationIn, Processing, Usage } from '@aipassport/policy';
import type { AnswerMeter } from './meter.js';
import type { OutputCounter, OutputForm } from './output-counter.js';
import type { TextFormat } from './text-format.js';
import type { UsageTap } from './usage-tap.js';

/** How the answers of one operation report their usage and contain the model's output. */
export interface OperationMetering {
  /** Reads the usage in an answer that is one JSON object. undefined: no answer has this form. Throws UsageRefused. */
  readonly readUsage: ((answer: JsonObject) => Usage) | undefined;
  /** Reads the usage in a streamed answer. undefined: no answer is streamed. */
  readonly tap: (() => UsageTap) | undefined;
  /** Where the events of a stream contain the model's output. undefined: it is not counted while it arrives. */
  readonly output: OutputForm | undefined;
  /** Reads an answer in one JSON object, and counts the bytes of the text that the model certainly wrote. */
  readonly countText: (answer: JsonObject) => number;
  /** Reads from an answer in one JSON object how the request was processed. Absent: answers do not report this. */
  readonly readProcessing?: (answer: JsonObject) => Processing;
  /** For an operation whose streams report their usage only on request. */
  readonly requestedUsage?: RequestedUsage;
  /** Whether a stream shows each picture as it is made. */
  readonly showsPictures?: true;
  /** Meters an answer that is neither JSON nor an event stream. Absent: its usage is not known. */
  readonly meterFile?: (contentType: string) => AnswerMeter;
  /** For transcripts: a format that reports the usage, for requests whose own format does not report it. */
  readonly report?: TranscriptReport;
}

/**
 * How the proxy asks for a transcript that reports its usage, and turns it into the format that the client asked for.
 */
export interface TranscriptReport {
  readonly isNeededFor: (modelId: string) => boolean;
  /** The value of `response_format` that asks for such a transcript. */
  readonly format: string;
  /** Meters such a transcript, and passes it on in the text format that the client asked for. */
  readonly createMeter: (format: TextFormat) => AnswerMeter;
}

/** How the proxy asks for the usage of a stream, and removes the usage from the client's stream. */
export interface RequestedUsage {
  readonly request: (body: JsonObject) => { readonly body: JsonObject; readonly hidesUsage: boolean };
  readonly hide: (tap: UsageTap, counter: OutputCounter) => AnswerMeter;
}

/** The metering of every counted operation of one dialect. */
export type MeteringOf<D extends Dialect> = Readonly<Record<OperationIn<D, CountedOperationId>, OperationMetering>>;

/** For an operation that costs nothing, and whose answers contain no text of a model. */
export const free: OperationMetering = {
  readUsage: () => ({}),
  tap: undefined,
  output: undefined,
  countText: () => 0,
};
