/** The length of the marker `fLaC` and of the first metadata block: RFC 9639, sections 8.1 and 8.2. */
const startBytes = 42;
/** The length of the longest header that a frame can have. */
const frameHeadBytes = 16;
const nothing = Buffer.alloc(0);

/**
 * Adds up the length of a FLAC recording while it streams (RFC 9639). Frames do not state their length in bytes, so
 * this class counts a frame at every position whose bytes look like a frame header and have the right checksum. A
 * decoder cannot find more frames, so the result is never too short.
 */
export class FlacSeconds {
  /** The beginning of the recording, or the last bytes, which may be the beginning of a frame header. */
  #kept: Buffer = nothing;
  /** Undefined while the beginning is incomplete, and if the bytes are not FLAC. */
  #start: FlacStart | undefined;
  #isFlac = true;
  #seconds = 0;

  add(chunk: Buffer): void {
    if (!this.#isFlac) return;
    let bytes = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    if (this.#start === undefined) {
      if (bytes.length < startBytes) {
        this.#kept = Buffer.from(bytes);
        return;
      }
      this.#start = readStart(bytes);
      this.#isFlac = this.#start !== undefined;
      bytes = bytes.subarray(startBytes);
    }
    const from = Math.max(0, bytes.length - frameHeadBytes);
    this.#seconds += this.#sum(bytes, from);
    // This is a copy, because a view of a part of the chunk would keep the whole chunk in memory.
    this.#kept = Buffer.from(bytes.subarray(from));
  }

  /** @returns undefined if the bytes are not FLAC, or end before the first metadata block does */
  get seconds(): number | undefined {
    if (this.#start === undefined) return undefined;
    return Math.max(this.#start.toldSeconds, this.#seconds + this.#sum(this.#kept, this.#kept.length));
  }

  /** Sums the frames that begin before `end`. */
  #sum(bytes: Buffer, end: number): number {
    let seconds = 0;
    for (let at = bytes.indexOf(0xff); at !== -1 && at < end; at = bytes.indexOf(0xff, at + 1))
      seconds += readFrameSeconds(bytes, at, this.#start?.rate ?? 1);
    return seconds;
  }
}

interface FlacStart {
  readonly rate: number;
  /** The length that the first metadata block states. It may be wrong, and 0 means unknown. */
  readonly toldSeconds: number;
}

function readStart(bytes: Buffer): FlacStart | undefined {
  const rate = bytes.readUIntBE(18, 3) >> 4;
  if (bytes.toString('latin1', 0, 4) !== 'fLaC' || rate === 0) return undefined;
  const samples = ((bytes[21] ?? 0) & 15) * 2 ** 32 + bytes.readUInt32BE(22);
  return { rate, toldSeconds: samples / rate };
}

/** Sample rates in Hz by the code in a frame header. With code 0, the frame has the recording's rate. */
const rates = [undefined, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
/** With these codes, the frame header states the sample rate as a number: its size in bytes, and its unit in Hz. */
const statedRates: Readonly<Record<number, { readonly size: 1 | 2; readonly hertz: number }>> = {
  12: { size: 1, hertz: 1_000 },
  13: { size: 2, hertz: 1 },
  14: { size: 2, hertz: 10 },
};

/**
 * The length of the frame that begins here. A frame may state another sample rate than the recording. The lower rate
 * counts, because a decoder may use either, and the lower one makes the frame longer.
 *
 * @returns 0 if no frame begins here
 */
function readFrameSeconds(bytes: Buffer, at: number, recordingRate: number): number {
  if (((bytes[at + 1] ?? 0) & 0xfe) !== 0xf8) return 0;
  const codes = bytes[at + 2] ?? 0;
  const [sizeCode, rateCode] = [codes >> 4, codes & 15];
  const sizeAt = at + 4 + readCodedLength(bytes[at + 4] ?? 0);
  const rateAt = sizeAt + (sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0);
  const stated = statedRates[rateCode];
  const end = rateAt + (stated?.size ?? 0);
  if (sizeCode === 0 || rateCode === 15 || end >= bytes.length || crc8(bytes.subarray(at, end)) !== bytes[end])
    return 0;
  const rate = stated === undefined ? rates[rateCode] : bytes.readUIntBE(rateAt, stated.size) * stated.hertz;
  return countSamples(bytes, sizeCode, sizeAt) / Math.max(1, Math.min(rate ?? recordingRate, recordingRate));
}

/** @param sizeAt where the frame header states the number of samples, with the codes 6 and 7 */
function countSamples(bytes: Buffer, sizeCode: number, sizeAt: number): number {
  if (sizeCode === 1) return 192;
  if (sizeCode < 6) return 576 * 2 ** (sizeCode - 2);
  if (sizeCode > 7) return 256 * 2 ** (sizeCode - 8);
  return (sizeCode === 6 ? (bytes[sizeAt] ?? 0) : bytes.readUInt16BE(sizeAt)) + 1;
}

/** Frames are numbered. Returns how many bytes the number in a frame header takes. It is coded as in UTF-8. */
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
