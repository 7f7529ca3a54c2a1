import { readOpusSeconds } from './opus-seconds.js';
import type { RecordingLength, RecordingReader } from './recording.js';

/** Elements that contain other elements. */
const ids = {
  segment: 0x18538067,
  cluster: 0x1f43b675,
  blockGroup: 0xa0,
  tracks: 0x1654ae6b,
  track: 0xae,
  info: 0x1549a966,
} as const;
const masters: ReadonlySet<number> = new Set(Object.values(ids));
const codecId = 0x86;
/**
 * A track has this element if its packets are compressed, or are stored without the bytes that are the same at the
 * beginning of all packets.
 */
const contentEncodings = 0x6d80;
/**
 * The maximum total size of the elements that this code does not read and that are longer than eight bytes. A larger
 * total could contain audio that a decoder finds.
 */
const maxOtherBytes = 8_192;
const clusterTime = 0xe7;
const blocks: ReadonlySet<number> = new Set([0xa3, 0xa1]);
const timestampScale = 0x2ad7b1;

/**
 * Measures Opus in WebM, as browsers record it (RFC 8794, RFC 9559): adds up the playing times of the packets of all
 * blocks, or takes the latest time of a block if that is longer.
 *
 * A WebM file consists of elements: an id, a size and data. Packets are in blocks, and blocks are in clusters. A block
 * states its time relative to the time of its cluster.
 */
export const measureWebm: RecordingReader = (bytes) => {
  if (bytes.length < 4 || bytes.readUInt32BE(0) !== 0x1a45dfa3) return undefined;
  const walking = new Walking(bytes);
  walking.run();
  return walking.describe();
};

class Walking {
  readonly #bytes: Buffer;
  #packets = 0;
  #lastTime = 0;
  #clusterTime = 0;
  /** Milliseconds for each unit of time. */
  #scale = 1;
  #codecs: string[] = [];
  #explained = 0;
  #otherBytes = 0;
  #isPlain = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /**
   * Enters the elements in `masters`, and takes every other element as a whole. The end of an entered element is not
   * used, so its size may be unknown.
   */
  run(): void {
    let at = 0;
    while (at < this.#bytes.length) {
      const id = readNumber(this.#bytes, at, false);
      const size = id && readNumber(this.#bytes, at + id.length, true);
      if (id === undefined || size === undefined) return;
      const start = at + id.length + size.length;
      this.#explained += start - at;
      at = start;
      if (masters.has(id.value)) continue;
      const end = Math.min(start + size.value, this.#bytes.length);
      this.#read(id.value, this.#bytes.subarray(start, end));
      at = end;
    }
  }

  describe(): RecordingLength | undefined {
    if (!this.#isPlain || this.#codecs.length === 0 || this.#codecs.some((codec) => codec !== 'A_OPUS'))
      return undefined;
    return { seconds: Math.max(this.#packets, this.#lastTime / 1_000), explainedBytes: this.#explained };
  }

  #read(id: number, data: Buffer): void {
    if (blocks.has(id)) return this.#readBlock(data);
    if (id === codecId) this.#codecs.push(data.toString('latin1'));
    else if (id === clusterTime) this.#clusterTime = readUnsigned(data);
    else if (id === timestampScale) this.#scale = readUnsigned(data) / 1e6;
    else if (id === contentEncodings) this.#isPlain = false;
    else if (data.length > 8) {
      this.#otherBytes += data.length;
      if (this.#otherBytes > maxOtherBytes) return;
    }
    this.#explained += data.length;
  }

  #readBlock(data: Buffer): void {
    const track = readNumber(data, 0, true);
    if (track === undefined || data.length < track.length + 4) return;
    const flags = data[track.length + 2] ?? 0;
    this.#lastTime = Math.max(this.#lastTime, (this.#clusterTime + data.readInt16BE(track.length)) * this.#scale);
    // With lacing, a block contains several packets. Browsers do not use it, and this code does not read it, so the
    // bytes of such a block count as unexplained.
    if ((flags & 0x06) !== 0) return;
    this.#packets += readOpusSeconds(data.subarray(track.length + 3));
    this.#explained += data.length;
  }
}

/** A number of variable length: its first byte begins with as many zero bits as there are further bytes. */
interface Vint {
  readonly value: number;
  readonly length: number;
}

/**
 * @param isSize whether to remove the bit that marks the length. A size whose bits are all 1 is unknown, and becomes 0
 * @returns undefined when the number is not complete or is longer than eight bytes
 */
function readNumber(bytes: Buffer, at: number, isSize: boolean): Vint | undefined {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > bytes.length) return undefined;
  let value = isSize ? first & (0xff >> length) : first;
  let isOnes = value === 0xff >> length;
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index] ?? 0;
    value = value * 256 + byte;
    isOnes &&= byte === 0xff;
  }
  return { value: isSize && isOnes ? 0 : value, length };
}

function readUnsigned(data: Buffer): number {
  let value = 0;
  for (const byte of data.subarray(0, 8)) value = value * 256 + byte;
  return value;
}
