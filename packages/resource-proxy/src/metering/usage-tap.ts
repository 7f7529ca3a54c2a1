import type { UsageReading } from './usage-reading.js';

/** Receives the events of a stream, or the elements of its list. */
export interface PartReader {
  /** One event's data, as JSON or another word of the vendor's. */
  readonly readPart: (json: Buffer) => void;
  /** One that is larger than what is kept: its skeleton, or undefined when there is too much in it even so. */
  readonly readLarge: (skeleton: Buffer | undefined) => void;
}

/** Reads the usage of a streamed answer out of its parts. */
export interface UsageTap extends PartReader {
  /** What the answer used, once it has ended. */
  readonly finish: () => UsageReading;
  /** The usage reported so far, which may grow. Absent for operations that report nothing before the end. */
  readonly readSoFar?: () => UsageReading;
}
