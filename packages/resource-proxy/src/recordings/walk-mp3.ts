import { readMp3Frame } from '../metering/mp3-seconds.js';
import type { Walk, Walker } from './recording.js';

/** MP3, with a tag before it or none. */
export const walkMp3: Walker = (bytes) => {
  const isTagged = bytes.toString('latin1', 0, 3) === 'ID3' && bytes.length >= 10;
  const tag = isTagged ? 10 + [6, 7, 8, 9].reduce((size, at) => (size << 7) | ((bytes[at] ?? 0) & 0x7f), 0) : 0;
  if (readMp3Frame(bytes, tag) === undefined) return undefined;
  const { seconds, explainedBytes } = sumMp3Frames(bytes);
  return { seconds, explainedBytes: explainedBytes + Math.min(tag, bytes.length) };
};

/** All frames, wherever they stand, that the head of another frame follows or that end with the bytes. */
export function sumMp3Frames(bytes: Buffer): Walk {
  let seconds = 0;
  let explainedBytes = 0;
  for (let at = bytes.indexOf(0xff); at !== -1; ) {
    const frame = readMp3Frame(bytes, at);
    const next = frame && at + frame.bytes;
    if (frame === undefined || next === undefined || !(next >= bytes.length || readMp3Frame(bytes, next))) {
      at = bytes.indexOf(0xff, at + 1);
      continue;
    }
    seconds += frame.seconds;
    explainedBytes += frame.bytes;
    at = next >= bytes.length ? -1 : next;
  }
  return { seconds, explainedBytes };
}
