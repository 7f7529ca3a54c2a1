import type { JsonObject, Usage } from '@aipassport/policy';
import type { UsageReading } from './usage-reading.js';

/** Passes the bytes of an upstream's answer on to the client, and reads the usage in them. */
export interface AnswerMeter {
  /**
   * @returns the bytes to pass on at once; none while an event that may have to be removed, or a transcript that has to
   * be rewritten, is incomplete
   */
  readonly feed: (chunk: Buffer) => Buffer;
  /** Called when the answer has ended properly. @returns the rest of the bytes to pass on */
  readonly end: () => Buffer;
  /** The usage of an answer that has ended. Usage that is not trusted is not charged. */
  readonly readUsage: () => UsageReading;
  /** The usage that the answer has reported so far. */
  readonly readSoFar?: () => UsageReading;
  /**
   * The output of a complete answer that is not a stream; undefined when it cannot be determined. Called after
   * `readUsage`.
   */
  readonly readText?: () => AnswerText | undefined;
}

/** The output of a complete answer. */
export interface AnswerText {
  /** The number of bytes of the text that the model certainly wrote. */
  readonly textBytes: number;
  /** Whether the vendor reports a failure. */
  readonly hasFailed: boolean;
}

/** What was seen of an answer so far. */
export interface SeenAnswer {
  /** The number of bytes of the answer's body; 0 while an answer that is not a stream is incomplete. */
  readonly bytes: number;
  /** An upper bound for the output tokens that were seen, of all choices together. */
  readonly outputTokens: number;
  readonly textBytes: number;
  /** Whether the model may have written output that was not seen, such as thinking that the answer does not show. */
  readonly mayHide: boolean;
  /** The usage that was reported so far; undefined when there is none. */
  readonly reported: Usage | undefined;
  /** Whether the stream announces each picture as it is made. */
  readonly showsPictures?: boolean;
  /** Whether the answer is the vendor's error without any content, or does not come from the vendor. */
  readonly isFailure: boolean;
}

/** The form in which the client gets an answer. */
export interface PassedForm {
  /** Whether the number of bytes may differ from what the upstream sent. */
  readonly changesLength: boolean;
  /** The content type for the client; undefined when it is the upstream's. */
  readonly contentType: string | undefined;
}

/** A meter that exists before the answer begins. */
export interface Meter extends AnswerMeter {
  /** Called when a successful answer begins, with its `content-type`. */
  readonly start: (contentType: string) => PassedForm;
  /**
   * May be called at any time. The usage of an answer that has begun and not ended is not trusted. If no answer has
   * begun, the usage is the one that `readError` found, if any.
   */
  readonly readUsage: () => UsageReading;
  /** Reads the body of an error, which may contain usage too; undefined when it is not a JSON object. */
  readonly readError: (body: JsonObject | undefined) => void;
  /** What was seen of the answer. Called after `readUsage`. */
  readonly readSeen: () => SeenAnswer;
}
