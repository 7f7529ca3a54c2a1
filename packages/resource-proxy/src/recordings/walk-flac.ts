import type { Walker } from './recording.js';

/** FLAC (RFC 9639): all that looks like the head of a frame, since frames say nothing of their length. */
export const walkFlac: Walker = (bytes) => {
  if (bytes.toString('latin1', 0, 4) !== 'fLaC' || bytes.length < 42) return undefined;
  const rate = bytes.readUIntBE(18, 3) >> 4;
  if (rate === 0) return undefined;
  let seconds = 0;
  for (let at = bytes.indexOf(0xff, 42); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    seconds += readFrame(bytes, at) / (rates[(bytes[at + 2] ?? 0) & 15] ?? rate);
  }
  const told = ((bytes[21] ?? 0) & 15) * 2 ** 32 + bytes.readUInt32BE(22);
  return { seconds: Math.max(seconds, told / rate), explainedBytes: bytes.length };
};

/** By the code in a frame's head; those that are written out behind it may be as low as this. */
const rates = [
  undefined,
  88_200,
  176_400,
  192_000,
  8_000,
  16_000,
  22_050,
  24_000,
  32_000,
  44_100,
  48_000,
  96_000,
  1_000,
  1_000,
  1_000,
];

/** @returns the samples of the frame that begins here, 0 for none */
function readFrame(bytes: Buffer, at: number): number {
  if (((bytes[at + 1] ?? 0) & 0xfe) !== 0xf8) return 0;
  const codes = bytes[at + 2] ?? 0;
  const size = codes >> 4;
  let end = at + 4 + readCodedLength(bytes[at + 4] ?? 0);
  const explicit = end;
  end += size === 6 ? 1 : size === 7 ? 2 : 0;
  end += (codes & 15) === 12 ? 1 : (codes & 15) > 12 ? 2 : 0;
  if (size === 0 || (codes & 15) === 15 || end >= bytes.length || crc8(bytes.subarray(at, end)) !== bytes[end])
    return 0;
  if (size === 1) return 192;
  if (size < 6) return 576 * 2 ** (size - 2);
  if (size > 7) return 256 * 2 ** (size - 8);
  return (size === 6 ? (bytes[explicit] ?? 0) : bytes.readUInt16BE(explicit)) + 1;
}

/** Of the frame's number, which is written as UTF-8 writes characters. */
function readCodedLength(first: number): number {
  return first < 0x80 ? 1 : Math.max(1, Math.clz32(~(first << 24)));
}

function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}
