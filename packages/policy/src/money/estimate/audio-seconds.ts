/** An MP3 has at least 8,000 bits a second, by the table of bit rates in its standard (ISO 11172-3, 13818-3). */
const leastMp3BytesPerSecond = 1_000;
/**
 * Other formats can hold silence in very few bytes: Opus with discontinuous transmission needs only 17 bytes a second,
 * AAC about 50.
 */
const leastBytesPerSecond = 16;

/**
 * The greatest length that a recording of this size with these first bytes can have, in whole seconds. Lengths in
 * headers are not trusted. The bound assumes the lowest bit rate of all formats that a decoder could find in the bytes.
 *
 * @param head the first bytes of the recording; a few kilobytes are enough
 */
export function boundAudioSeconds(head: Uint8Array, bytes: number): number {
  return Math.ceil(bytes / (isWav(head) || isMp3(head) ? leastMp3BytesPerSecond : leastBytesPerSecond));
}

/**
 * Formats of WAV files: uncompressed samples, A-law, mu-law and MP3. Other formats, such as AAC, can have fewer bytes a
 * second than MP3 has.
 */
const wavFormats = new Set([1, 3, 6, 7, 0x55]);
const extensible = 0xfffe;

/**
 * Whether a recording is a WAV file in one of these formats, and its data do not begin with AAC. The header of a WAV
 * file contains the length, but it is not trusted: common decoders skip the header and play MP3 frames that they find
 * behind it.
 */
function isWav(head: Uint8Array): boolean {
  if (!hasText(head, 0, 'RIFF') || !hasText(head, 8, 'WAVE')) return false;
  let format: number | undefined;
  for (let at = 12; at + 8 <= head.length; ) {
    if (hasText(head, at, 'fmt ')) {
      const named = readLittle(head, at + 8, 2);
      format = named === extensible ? readLittle(head, at + 32, 2) : named;
    }
    if (hasText(head, at, 'data')) return format !== undefined && wavFormats.has(format) && !isAac(head, at + 8);
    const size = readLittle(head, at + 4, 4);
    at += 8 + size + (size % 2);
  }
  return false;
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
