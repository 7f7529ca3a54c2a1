import type { Walk } from './recording.js';

export interface Frame {
  readonly bytes: number;
  readonly seconds: number;
}

/** Reads the head of a frame. @returns undefined for what is none */
export type FrameReader = (bytes: Buffer, at: number) => Frame | undefined;

/** All frames, wherever they stand, that the head of another frame follows or that end with the bytes. */
export function sumFrames(bytes: Buffer, read: FrameReader): Walk {
  let seconds = 0;
  let explainedBytes = 0;
  for (let at = bytes.indexOf(0xff); at !== -1; ) {
    const frame = read(bytes, at);
    const next = frame && at + frame.bytes;
    if (frame === undefined || next === undefined || !(next >= bytes.length || read(bytes, next))) {
      at = bytes.indexOf(0xff, at + 1);
      continue;
    }
    seconds += frame.seconds;
    explainedBytes += frame.bytes;
    at = next >= bytes.length ? -1 : next;
  }
  return { seconds, explainedBytes };
}
