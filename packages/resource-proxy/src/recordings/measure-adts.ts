import type { RecordingReader } from './recording.js';
import { type Frame, sumFrames } from './sum-frames.js';

const headBytes = 7;
/** Sample rates by their index in a frame's head (ISO 14496-3, table 1.18). */
const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
/** A frame has one to four blocks. */
const samplesOfBlock = 1_024;

/** AAC in ADTS (ISO 14496-3, 1.A.3): frames one after the other, each with a head that states its length in bytes. */
export const measureAdts: RecordingReader = (bytes) =>
  readAdtsFrame(bytes, 0) === undefined ? undefined : sumFrames(bytes, readAdtsFrame);

/** Reads the head of a frame. @returns undefined when there is none */
export function readAdtsFrame(bytes: Buffer, at: number): Frame | undefined {
  if (at + headBytes > bytes.length || bytes.readUInt16BE(at) >> 4 !== 0xfff) return undefined;
  const rate = sampleRates[((bytes[at + 2] ?? 0) >> 2) & 15];
  const length = (bytes.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
  if (((bytes[at + 1] ?? 0) & 6) !== 0 || rate === undefined || length < headBytes) return undefined;
  // Some profiles (variants) of AAC double the sample rate. The length stays the same: twice as many samples are played
  // twice as fast.
  return { bytes: length, samples: (((bytes[at + 6] ?? 0) & 3) + 1) * samplesOfBlock, rate };
}
