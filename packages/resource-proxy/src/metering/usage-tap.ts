import type { UsageReading } from './usage-reading.js';

/** Is shown the events of a stream, or the elements of its list. */
export interface PartReader {
  /** One event's data, as JSON or another word of the vendor's. */
  readonly readPart: (json: Buffer) => void;
  /** The end of one that is larger than what is kept. */
  readonly readTail: (tail: Buffer) => void;
}

/** Reads the usage of a streamed answer out of its parts. */
export interface UsageTap extends PartReader {
  /** What the answer used, once it has ended. */
  readonly finish: () => UsageReading;
  /** What it has said by now of its use so far; it may use more. Absent where it says nothing before its end. */
  readonly readSoFar?: () => UsageReading;
}
