import type { Spelling } from './key-spellings.js';

/** From `start` (inclusive) to `end` (exclusive). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const pairCount = 128 * 128;

/**
 * Finds a secret, and long parts of it (runs), in bytes. All byte pairs of a run occur in the secret. So when a pair
 * does not occur in the secret, the search continues after that pair. In most texts the search reads about one byte in
 * ten.
 */
export class KeyFinder {
  readonly spellings: readonly Spelling[];
  /** The length of the shortest run. */
  readonly #window: number;
  /** One bit for each pair of characters. */
  readonly #pairs = new Uint32Array(pairCount / 32);
  readonly #characters = new Uint8Array(256);

  constructor(spellings: readonly Spelling[]) {
    this.spellings = spellings;
    this.#window = Math.min(...spellings.map(({ minRun }) => minRun));
    for (const { bytes } of spellings) this.#learn(bytes);
  }

  /** @returns the ranges that must not be passed on, from left to right; they may overlap */
  find(bytes: Buffer): readonly Range[] {
    const ranges: Range[] = [];
    if (this.spellings.length === 0) return ranges;
    const last = this.#window - 1;
    let index = last;
    while (index < bytes.length) {
      const foreign = this.#findForeignPair(bytes, index);
      const range = foreign === -1 ? this.#matchAt(bytes, index) : undefined;
      if (range !== undefined) {
        ranges.push(range);
        index = range.end;
      } else index = foreign === -1 ? index + 1 : foreign + last;
    }
    return ranges;
  }

  /**
   * @returns the length of the longest suffix of `bytes` that occurs in the secret. The next bytes may continue the
   * secret
   */
  measureOpenEnd(bytes: Buffer): number {
    // Events end with line feeds and JSON with braces. Provider keys contain neither, so this check nearly always
    // decides, and no search is needed.
    if (!this.hasCharacter(bytes.at(-1) ?? 0)) return 0;
    return this.spellings.reduce((longest, spelling) => Math.max(longest, measureOpenEnd(bytes, spelling)), 0);
  }

  hasCharacter(code: number): boolean {
    return this.#characters[code] === 1;
  }

  /** Whether two characters may be adjacent in the secret. Characters beyond ASCII may give false positives. */
  hasPair(first: number, second: number): boolean {
    const pair = ((first & 0x7f) << 7) | (second & 0x7f);
    return (((this.#pairs[pair >> 5] ?? 0) >>> (pair & 31)) & 1) === 1;
  }

  #learn(bytes: Buffer): void {
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      this.#characters[byte] = 1;
      if (index === 0) continue;
      const pair = (((bytes[index - 1] ?? 0) & 0x7f) << 7) | (byte & 0x7f);
      this.#pairs[pair >> 5] = (this.#pairs[pair >> 5] ?? 0) | (1 << (pair & 31));
    }
  }

  /**
   * @returns the index of the second byte of the last pair that does not occur in the secret, within the window that
   * ends at `index`; -1 when all pairs occur
   */
  #findForeignPair(bytes: Buffer, index: number): number {
    const first = index - this.#window + 1;
    for (let at = index; at > first; at -= 1) if (!this.hasPair(bytes[at - 1] ?? 0, bytes[at] ?? 0)) return at;
    return -1;
  }

  /** Finds a run that includes the window ending at `index`, and that cannot be extended. */
  #matchAt(bytes: Buffer, index: number): Range | undefined {
    const from = index - this.#window + 1;
    const window = bytes.subarray(from, index + 1);
    for (const spelling of this.spellings) {
      const at = spelling.bytes.indexOf(window);
      if (at === -1) continue;
      const range = extend(bytes, { start: from, end: index + 1 }, { spelling, at });
      if (range !== undefined) return range;
    }
    return undefined;
  }
}

/** @returns undefined for a run that is so short that it may be a coincidence */
function extend(
  bytes: Buffer,
  { start, end }: Range,
  { spelling, at }: { readonly spelling: Spelling; readonly at: number },
): Range | undefined {
  const secret = spelling.bytes;
  let before = 0;
  while (before < Math.min(start, at) && bytes[start - before - 1] === secret[at - before - 1]) before += 1;
  let length = end - start;
  while (at + length < secret.length && start + length < bytes.length && bytes[start + length] === secret[at + length])
    length += 1;
  const run = at + length - Math.max(at - before, spelling.secretFrom);
  return run < spelling.minRun ? undefined : { start: start - before, end: start + length };
}

function measureOpenEnd(bytes: Buffer, { bytes: secret }: Spelling): number {
  const most = Math.min(bytes.length, secret.length);
  let length = 0;
  while (length < most && secret.includes(bytes.subarray(bytes.length - length - 1))) length += 1;
  return length;
}
