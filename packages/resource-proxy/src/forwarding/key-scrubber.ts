import type { ProviderKey } from '../provider-keys/provider-keys.js';

const asterisk = 0x2a;
/** Shorter ones are no vendor's keys, and would blot out words. */
const minKeyLength = 16;

/**
 * Blots out a provider key wherever it occurs in a stream of bytes, also when chunks divide it. What it puts there
 * is as long as the key, so a content length stays true. Nothing is held back but the beginning of what may turn
 * out to be the key.
 */
export class KeyScrubber {
  readonly #key: Buffer;
  #heldLength = 0;

  constructor({ key, kind }: Pick<ProviderKey, 'key' | 'kind'>) {
    const bytes = Buffer.from(kind === 'simulated' ? '' : key.reveal(), 'latin1');
    this.#key = bytes.length < minKeyLength ? Buffer.alloc(0) : bytes;
  }

  /** @returns what can be passed on now */
  scrub(chunk: Buffer): Buffer {
    const key = this.#key;
    if (key.length === 0 || chunk.length === 0) return chunk;
    const bytes = this.#blotOut(
      this.#heldLength === 0 ? chunk : Buffer.concat([key.subarray(0, this.#heldLength), chunk]),
    );
    this.#heldLength = this.#findPartialKey(bytes);
    return this.#heldLength === 0 ? bytes : bytes.subarray(0, bytes.length - this.#heldLength);
  }

  /** @returns what was held back, once nothing more comes: an incomplete key, which is not passed on as it is */
  flush(): Buffer {
    const held = Buffer.alloc(this.#heldLength, asterisk);
    // A few characters are no secret, and usually the end of a word.
    return this.#heldLength < minKeyLength ? this.#key.subarray(0, this.#heldLength) : held;
  }

  #blotOut(bytes: Buffer): Buffer {
    let found = bytes.indexOf(this.#key);
    if (found === -1) return bytes;
    const copy = Buffer.from(bytes);
    for (; found !== -1; found = copy.indexOf(this.#key, found + this.#key.length)) {
      copy.fill(asterisk, found, found + this.#key.length);
    }
    return copy;
  }

  /** @returns the length of the longest end of `bytes` that is a beginning of the key */
  #findPartialKey(bytes: Buffer): number {
    const key = this.#key;
    const last = bytes.at(-1);
    // Events end with line feeds, JSON with braces: no key holds those, so nearly always the search ends here.
    if (last === undefined || !key.includes(last)) return 0;
    const first = key[0] ?? 0;
    let start = bytes.indexOf(first, Math.max(0, bytes.length - key.length + 1));
    for (; start !== -1; start = bytes.indexOf(first, start + 1)) {
      const length = bytes.length - start;
      if (bytes.compare(key, 0, length, start) === 0) return length;
    }
    return 0;
  }
}
