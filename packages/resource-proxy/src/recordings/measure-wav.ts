import { readMp3Frame } from '../metering/mp3-seconds.js';
import { readAdtsFrame } from './measure-adts.js';
import type { RecordingReader } from './recording.js';
import { sumFrames } from './sum-frames.js';

/** The codes of the formats with a fixed number of bits for each sample: PCM, floating point, A-law and mu-law. */
const plainFormats = new Set([1, 3, 6, 7]);
/** With this code, the code of the format is further on in the header. */
const extensible = 0xfffe;

/**
 * Measures WAV with plain samples: takes the length of the samples, or the length of the MP3 or AAC frames that a
 * decoder may find among the samples, if that is longer.
 */
export const measureWav: RecordingReader = (bytes) => {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let at = 12;
  while (at + 24 <= bytes.length && bytes.toString('latin1', at, at + 4) !== 'fmt ') {
    const size = bytes.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  if (at + 24 > bytes.length) return undefined;
  const named = bytes.readUInt16LE(at + 8);
  const format = named === extensible && at + 34 <= bytes.length ? bytes.readUInt16LE(at + 32) : named;
  // The header's own byte rate is ignored. Decoders use the number of channels, the sample rate and the bits of a
  // sample, so a false byte rate must not shorten the result.
  const rate = (bytes.readUInt16LE(at + 10) * bytes.readUInt32LE(at + 12) * bytes.readUInt16LE(at + 22)) / 8;
  if (!plainFormats.has(format) || rate < 1) return undefined;
  const hidden = [readMp3Frame, readAdtsFrame].map((read) => sumFrames(bytes, read).seconds);
  return { seconds: Math.max(bytes.length / rate, ...hidden), explainedBytes: bytes.length };
};
