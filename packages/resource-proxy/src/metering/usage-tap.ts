import type { UsageReading } from './usage-reading.js';

/** Reads the usage of a streamed answer out of its events, or of the elements of its list. */
export interface UsageTap {
  /** One event's data, as JSON or another word of the vendor's. */
  readonly readPart: (json: Buffer) => void;
  /** The end of one that is larger than what is kept. */
  readonly readTail: (tail: Buffer) => void;
  /** What the answer used, once it has ended. */
  readonly finish: () => UsageReading;
}
