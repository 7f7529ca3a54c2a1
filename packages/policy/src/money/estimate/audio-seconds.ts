/** An MP3 has at least 8,000 bits a second, by the table of bit rates in its standard (ISO 11172-3, 13818-3). */
const leastMp3BytesPerSecond = 1_000;
/** A frame of AAC in ADTS has at least 7 bytes and at most 4 x 1,024 samples, at 7,350 Hz or more (ISO 13818-7). */
const leastAdtsBytesPerSecond = 12;

/**
 * The greatest length that a recording of this size with these first bytes can have, in whole seconds. Lengths in
 * headers are not trusted. The bound assumes the lowest bit rate of all formats that a decoder could find in the bytes.
 *
 * @param head the first bytes of the recording; a few kilobytes are enough
 * @returns infinity for other formats: a frame of FLAC or Vorbis can hold hours of silence in ten bytes
 */
export function boundAudioSeconds(head: Uint8Array, bytes: number): number {
  const rate = isMp3(head) ? leastMp3BytesPerSecond : isAac(head, 0) ? leastAdtsBytesPerSecond : readWavRate(head);
  return rate === undefined ? Number.POSITIVE_INFINITY : Math.ceil(bytes / rate);
}

/** Uncompressed samples, A-law and mu-law. */
const plainFormats = new Set([1, 3, 6, 7]);
const mp3Format = 0x55;
const extensible = 0xfffe;

/**
 * The least number of bytes a second of a WAV file with plain samples or MP3. The length in its header is not trusted:
 * common decoders skip the header and play MP3 frames that they find behind it. Plain samples can have fewer bytes a
 * second than MP3, by the sample rate in the header.
 *
 * @returns undefined for another format, such as AAC, which can have fewer bytes a second
 */
function readWavRate(head: Uint8Array): number | undefined {
  if (!hasText(head, 0, 'RIFF') || !hasText(head, 8, 'WAVE')) return undefined;
  let rate: number | undefined;
  for (let at = 12; at + 8 <= head.length; ) {
    if (hasText(head, at, 'fmt ')) rate = readFormatRate(head, at);
    if (hasText(head, at, 'data')) return isAac(head, at + 8) ? undefined : rate;
    const size = readLittle(head, at + 4, 4);
    at += 8 + size + (size % 2);
  }
  return undefined;
}

/** @param at where the chunk `fmt ` begins */
function readFormatRate(head: Uint8Array, at: number): number | undefined {
  const named = readLittle(head, at + 8, 2);
  const format = named === extensible ? readLittle(head, at + 32, 2) : named;
  if (format === mp3Format) return leastMp3BytesPerSecond;
  const [channels, samplesPerSecond, bits] = [
    readLittle(head, at + 10, 2),
    readLittle(head, at + 12, 4),
    readLittle(head, at + 22, 2),
  ];
  const rate = (channels * samplesPerSecond * bits) / 8;
  return plainFormats.has(format) && rate > 0 ? Math.min(rate, leastMp3BytesPerSecond) : undefined;
}

/** Whether a frame of AAC in ADTS begins here: twelve bits of sync and layer 0. */
function isAac(head: Uint8Array, at: number): boolean {
  return head[at] === 0xff && ((head[at + 1] ?? 0) & 0xf6) === 0xf0;
}

function readLittle(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = 0; index < size; index += 1) value += (bytes[at + index] ?? 0) * 256 ** index;
  return value;
}

/** Whether an MP3 frame is at the start, or directly after an ID3 tag that ends within the head. */
function isMp3(head: Uint8Array): boolean {
  let start = 0;
  if (hasText(head, 0, 'ID3') && head.length >= 10) {
    start = 10 + [6, 7, 8, 9].reduce((size, index) => (size << 7) | ((head[index] ?? 0) & 0x7f), 0);
  }
  const second = head[start + 1] ?? 0;
  // Eleven bits of sync, then a version that is not reserved, and layer III.
  return head[start] === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) === 0x02;
}

function hasText(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
