import { readMp3Frame } from '../metering/mp3-seconds.js';
import type { RecordingReader } from './recording.js';
import { sumFrames } from './sum-frames.js';

/** MP3, with or without an ID3 tag before it, which contains the title and other texts. */
export const measureMp3: RecordingReader = (bytes) => {
  const isTagged = bytes.toString('latin1', 0, 3) === 'ID3' && bytes.length >= 10;
  const tag = isTagged ? 10 + [6, 7, 8, 9].reduce((size, at) => (size << 7) | ((bytes[at] ?? 0) & 0x7f), 0) : 0;
  if (readMp3Frame(bytes, tag) === undefined) return undefined;
  const { seconds, explainedBytes } = sumFrames(bytes, readMp3Frame);
  return { seconds, explainedBytes: explainedBytes + Math.min(tag, bytes.length) };
};
