import type { RecordingLength } from './recording.js';

export interface Frame {
  readonly bytes: number;
  readonly samples: number;
  /** Samples per second. */
  readonly rate: number;
}

/** Reads the head of a frame. @returns undefined when no frame begins at the index `at` */
export type FrameReader = (bytes: Buffer, at: number) => Frame | undefined;

/**
 * Sums all frames, at any position, that are followed by the head of another frame. A frame that reaches the end of the
 * bytes counts only if it begins where a counted frame ends, or if no frame was counted before. A decoder that skips a
 * frame may find other frames within it, so those count too. A decoder may play all frames at the lowest rate, so that
 * rate is used.
 */
export function sumFrames(bytes: Buffer, read: FrameReader): RecordingLength {
  let samples = 0;
  let lowestRate = Number.POSITIVE_INFINITY;
  let explainedBytes = 0;
  let coveredTo = 0;
  /** The positions where counted frames end and the next frames should begin. */
  const ends = new Set<number>();
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const follows = ends.delete(at) || samples === 0;
    const frame = read(bytes, at);
    if (frame === undefined) continue;
    const next = at + frame.bytes;
    const isLast = next >= bytes.length;
    if (isLast ? !follows : read(bytes, next) === undefined) continue;
    samples += frame.samples;
    lowestRate = Math.min(lowestRate, frame.rate);
    explainedBytes += Math.max(0, Math.min(next, bytes.length) - Math.max(at, coveredTo));
    coveredTo = Math.max(coveredTo, next);
    if (!isLast) ends.add(next);
  }
  return { seconds: samples === 0 ? 0 : samples / lowestRate, explainedBytes };
}
