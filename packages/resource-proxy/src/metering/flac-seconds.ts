/** The marker and the first block of metadata: RFC 9639, sections 8.1 and 8.2. */
const startBytes = 42;
/** The length of the longest head that a frame can have. */
const frameHeadBytes = 16;
const nothing = Buffer.alloc(0);

/**
 * Adds up the length of a FLAC recording while it streams (RFC 9639). Frames do not state their length in bytes, so
 * this class counts a frame at every position whose bytes look like the head of a frame and have the right checksum. A
 * decoder cannot find more frames, so the result is never too short.
 */
export class FlacSeconds {
  /** The beginning of the recording, or bytes that may be the beginning of a frame's head. */
  #kept: Buffer = nothing;
  /** undefined while the beginning is incomplete. */
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
    // A copy, because a part of the chunk would keep all of it in memory.
    this.#kept = Buffer.from(bytes.subarray(from));
  }

  /** @returns undefined if the bytes are not FLAC */
  get seconds(): number | undefined {
    if (this.#start === undefined) return undefined;
    return Math.max(this.#start.toldSeconds, this.#seconds + this.#sum(this.#kept, this.#kept.length));
  }

  /** Sums the frames that begin before `end`. */
  #sum(bytes: Buffer, end: number): number {
    let seconds = 0;
    for (let at = bytes.indexOf(0xff); at !== -1 && at < end; at = bytes.indexOf(0xff, at + 1))
      seconds += readFrame(bytes, at) / (rates[(bytes[at + 2] ?? 0) & 15] ?? this.#start?.rate ?? 1);
    return seconds;
  }
}

interface FlacStart {
  readonly rate: number;
  /** The length that the header states. It may be wrong, and 0 means unknown. */
  readonly toldSeconds: number;
}

function readStart(bytes: Buffer): FlacStart | undefined {
  const rate = bytes.readUIntBE(18, 3) >> 4;
  if (bytes.toString('latin1', 0, 4) !== 'fLaC' || rate === 0) return undefined;
  const samples = ((bytes[21] ?? 0) & 15) * 2 ** 32 + bytes.readUInt32BE(22);
  return { rate, toldSeconds: samples / rate };
}

/**
 * Sample rates by the code in a frame's head. With the last three codes, the head contains the rate as a number. That
 * number is not read. Instead, 1000 Hz is assumed, which is less than recordings have, so the computed length is rather
 * too long.
 */
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

/** @returns the number of samples in the frame that begins here; 0 if no frame begins here */
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

/** Returns how many bytes the frame's number takes. It is coded as in UTF-8. */
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
