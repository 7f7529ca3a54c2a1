import type { UsageReading } from './usage-reading.js';

/** Receives the events of a stream, or the elements of a list that is streamed. */
export interface PartReader {
  /** Reads the data of one event, or one element. It is JSON, or a plain word of the vendor's, such as `[DONE]`. */
  readonly readPart: (json: Buffer) => void;
  /**
   * Reads the skeleton of an event or element that was too large to be kept; undefined when no skeleton could be built.
   */
  readonly readLarge: (skeleton: Buffer | undefined) => void;
}

/** Reads the usage of a streamed answer from its parts. */
export interface UsageTap extends PartReader {
  /** The usage of an answer that has ended. */
  readonly finish: () => UsageReading;
  /** The usage reported so far, which may grow. Absent for operations that report no usage before the end. */
  readonly readSoFar?: () => UsageReading;
}
