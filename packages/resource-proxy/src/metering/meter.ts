import type { Produced } from '@aipassport/policy';
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
}

/** The same, from before the answer is there. */
export interface Meter extends AnswerMeter {
  /** An answer that succeeded begins, with this `content-type`. */
  readonly start: (contentType: string) => void;
  /** The same at any time: of an answer that has not ended nothing is trusted. */
  readonly readUsage: () => UsageReading;
  /** What a cut answer has produced; undefined when the part that was seen does not tell. */
  readonly readProduced: () => Omit<Produced, 'silentSeconds'> | undefined;
  /** Whether the client gets fewer bytes than the upstream sent. */
  readonly changesLength: boolean;
}
