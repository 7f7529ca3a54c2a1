import type { JsonObject, Usage } from '@aipassport/policy';
import type { UsageReading } from './usage-reading.js';

/** Stands between an upstream's answer and the client: passes the bytes on and reads the usage in them. */
export interface AnswerMeter {
  /** @returns what to pass on of a chunk, at once; nothing while an event that may have to be taken out is not whole */
  readonly feed: (chunk: Buffer) => Buffer;
  /** The answer has ended as it should. @returns what is left to pass on */
  readonly end: () => Buffer;
  /** What the answer used, once it has ended. Where that is not trusted the estimate is charged. */
  readonly readUsage: () => UsageReading;
  /** The usage that the answer has reported so far. */
  readonly readSoFar?: () => UsageReading;
  /** The output in a whole answer that is no stream. Read after the usage; undefined where that does not tell. */
  readonly readText?: () => AnswerText | undefined;
}

/** The output in a whole answer. */
export interface AnswerText {
  /** The bytes of the text that the model surely wrote. */
  readonly textBytes: number;
  /** Whether the vendor says that it failed. */
  readonly hasFailed: boolean;
}

/** What was seen of an answer until now. */
export interface SeenAnswer {
  /** Of the answer's body. */
  readonly bytes: number;
  /** An upper bound for the tokens of the output that was seen, of all choices together. */
  readonly outputTokens: number;
  readonly textBytes: number;
  /** Whether the model may have written more than was seen, however much of the answer has come. */
  readonly mayHide: boolean;
  /** The usage that was reported so far; undefined: none. */
  readonly reported: Usage | undefined;
  /** Whether pictures are announced as they are made. */
  readonly showsPictures?: boolean;
  /** Whether the answer is an error of the vendor's in which no content came, or no answer of its at all. */
  readonly isFailure: boolean;
}

/** What the client gets of an answer. */
export interface PassedForm {
  /** Whether these are not all of the bytes that the upstream sent. */
  readonly changesLength: boolean;
  /** undefined: the upstream's. */
  readonly contentType: string | undefined;
}

/** The same, from before the answer is there. */
export interface Meter extends AnswerMeter {
  /** An answer that succeeded begins, with this `content-type`. */
  readonly start: (contentType: string) => PassedForm;
  /** The same at any time: of an answer that has not ended nothing is trusted, and nothing is there before its start. */
  readonly readUsage: () => UsageReading;
  /** The body of an error, which may hold a usage too; undefined: it is no JSON object. */
  readonly readError: (body: JsonObject | undefined) => void;
  /** What was seen of the answer. Called after `readUsage`. */
  readonly readSeen: () => SeenAnswer;
}
