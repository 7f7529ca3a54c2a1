import type { Spelling } from './key-spellings.js';

/** From the index `start` on, up to but without `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const characters = 128;

/**
 * Finds a secret, and long runs of it, in bytes. The search looks at pairs of bytes and goes on by as many as the
 * shortest run is long when a pair stands nowhere in the secret, as in the algorithm of Boyer, Moore and Horspool.
 */
export class KeyFinder {
  readonly spellings: readonly Spelling[];
  readonly #window: number;
  /** By the last two bytes of a window: how far the next window that can be a run is at least. */
  readonly #shifts: Uint8Array;
  readonly #isOfSecret = new Uint8Array(256);

  constructor(spellings: readonly Spelling[]) {
    this.spellings = spellings;
    this.#window = Math.min(255, ...spellings.map(({ minRun }) => minRun));
    this.#shifts = new Uint8Array(spellings.length === 0 ? 0 : characters * characters).fill(this.#window - 1);
    for (const { bytes } of spellings) this.#learn(bytes);
  }

  /** @returns what must not be passed on, from left to right; two may overlap */
  find(bytes: Buffer): readonly Range[] {
    const ranges: Range[] = [];
    const shifts = this.#shifts;
    if (shifts.length === 0) return ranges;
    let index = this.#window - 1;
    while (index < bytes.length) {
      const shift = shifts[pairOf(bytes, index)] ?? 0;
      if (shift > 0) {
        index += shift;
        continue;
      }
      const range = this.#matchAt(bytes, index);
      if (range === undefined) index += 1;
      else {
        ranges.push(range);
        index = range.end;
      }
    }
    return ranges;
  }

  /** @returns the length of the longest end of `bytes` that stands somewhere in the secret: more of it may follow */
  measureOpenEnd(bytes: Buffer): number {
    // Events end with line feeds, JSON with braces: no key holds those, so nearly always the search ends here.
    if (this.#isOfSecret[bytes.at(-1) ?? 0] !== 1) return 0;
    return this.spellings.reduce((longest, spelling) => Math.max(longest, measureOpenEnd(bytes, spelling)), 0);
  }

  #learn(bytes: Buffer): void {
    const last = this.#window - 1;
    for (let index = 1; index < bytes.length; index += 1) {
      const pair = pairOf(bytes, index);
      this.#shifts[pair] = Math.min(this.#shifts[pair] ?? 0, Math.max(0, last - index));
    }
    for (const byte of bytes) this.#isOfSecret[byte] = 1;
  }

  /** The longest run that has the window ending at `index` in it. */
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

/** Bytes beyond ASCII share the places of others, which costs a look and finds nothing. */
function pairOf(bytes: Buffer, index: number): number {
  return (((bytes[index - 1] ?? 0) & 0x7f) << 7) | ((bytes[index] ?? 0) & 0x7f);
}

/** @returns undefined for a run that is too short to be told from chance */
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
