/**
 * How long a recording can be at most, from its size and its first bytes; in whole seconds.
 *
 * Only two containers bound it tightly. WAV says how many bytes a second has. An MP3 frame has at least 8,000 bits a
 * second, by the table of bit rates in its standard (ISO 11172-3, 13818-3). The others can hold hours of silence in a
 * few kilobytes: Opus with discontinuous transmission gets down to 17 bytes a second, AAC to some 50, so 16 is taken.
 *
 * @param head as many of the first bytes as there are at hand; a few kilobytes are enough
 */
export function boundAudioSeconds(head: Uint8Array, bytes: number): number {
  const bytesPerSecond = wavBytesPerSecond(head) ?? (isMp3(head) ? 1_000 : 16);
  return Math.ceil(bytes / bytesPerSecond);
}

/** @returns undefined for what is no WAV file of plain samples */
function wavBytesPerSecond(head: Uint8Array): number | undefined {
  if (!hasText(head, 0, 'RIFF') || !hasText(head, 8, 'WAVE')) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let offset = 12;
  while (offset + 8 <= head.length) {
    const size = view.getUint32(offset + 4, true);
    if (!hasText(head, offset, 'fmt ')) {
      offset += 8 + size + (size % 2);
      continue;
    }
    return offset + 24 <= head.length ? readFormat(view, offset + 8) : undefined;
  }
  return undefined;
}

/** PCM, floating point, A-law and mu-law: a fixed number of bits a sample. */
const plainFormats = new Set([1, 3, 6, 7]);

function readFormat(view: DataView, offset: number): number | undefined {
  const channels = view.getUint16(offset + 2, true);
  const sampleRate = view.getUint32(offset + 4, true);
  const bits = view.getUint16(offset + 14, true);
  // The header's own byte rate is ignored: decoders go by these three, and so could a false one not shorten it.
  const rate = Math.floor((channels * sampleRate * bits) / 8);
  return plainFormats.has(view.getUint16(offset, true)) && rate > 0 ? rate : undefined;
}

/** A frame at the very start, or right after an ID3 tag that ends within the head. */
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
