/**
 * MP3 is layer III of MPEG audio. These are its kilobits per second, by the index in a frame's header: the first list
 * is for MPEG 1, the second for MPEG 2 and 2.5.
 */
const bitRates: readonly (readonly number[])[] = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/** The sample rates of MPEG 1. They are halved for MPEG 2, and halved again for 2.5. */
const sampleRates = [44_100, 48_000, 32_000];
const headerBytes = 4;

/**
 * Adds up the length of an MP3 while it streams, from the header of every frame (ISO 11172-3, 13818-3). Speech is
 * billed by its length, and the answer does not state the length.
 */
export class Mp3Seconds {
  /** The bytes of the current frame or tag that are still to come. */
  #skip = 0;
  #header: number[] = [];
  #seconds = 0;
  #isMp3 = true;

  /** @returns undefined if any part of the bytes is not MP3, or if there is no frame yet */
  get seconds(): number | undefined {
    return this.#isMp3 && this.#seconds > 0 ? this.#seconds : undefined;
  }

  add(chunk: Buffer): void {
    let index = 0;
    while (this.#isMp3 && index < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - index);
        this.#skip -= skipped;
        index += skipped;
        continue;
      }
      this.#header.push(chunk[index] ?? 0);
      index += 1;
      this.#readHeader();
    }
  }

  #readHeader(): void {
    const [a, b, c, d] = this.#header;
    const isTag = a === 0x49 && b === 0x44 && c === 0x33;
    if (isTag && this.#header.length < 10) return;
    if (isTag) this.#skip = this.#header.slice(6).reduce((size, byte) => (size << 7) | (byte & 0x7f), 0);
    else if (d === undefined) return;
    else this.#readFrame();
    this.#header = [];
  }

  #readFrame(): void {
    const frame = readMp3Frame(this.#header, 0);
    this.#isMp3 = frame !== undefined;
    this.#skip = (frame?.bytes ?? headerBytes) - headerBytes;
    if (frame !== undefined) this.#seconds += frame.samples / frame.rate;
  }
}

export interface Mp3Frame {
  readonly bytes: number;
  readonly samples: number;
  /** Samples per second. */
  readonly rate: number;
}

/** @returns undefined if no frame of layer III with a known bit rate begins at the index `at` */
export function readMp3Frame(bytes: ArrayLike<number>, at: number): Mp3Frame | undefined {
  const version = bytes[at + 1] ?? 0;
  const rates = bytes[at + 2] ?? 0;
  if (bytes[at] !== 0xff || (version & 0xe6) !== 0xe2) return undefined;
  const mpeg = (version >> 3) & 3; // 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1
  const kilobits = bitRates[mpeg === 3 ? 0 : 1]?.[rates >> 4] ?? 0;
  const rate = (sampleRates[(rates >> 2) & 3] ?? 0) / (mpeg === 3 ? 1 : mpeg === 2 ? 2 : 4);
  if (mpeg === 1 || kilobits === 0 || rate === 0) return undefined;
  const samples = mpeg === 3 ? 1_152 : 576;
  const padding = (rates >> 1) & 1;
  return { bytes: Math.floor((samples / 8) * ((kilobits * 1_000) / rate)) + padding, samples, rate };
}
