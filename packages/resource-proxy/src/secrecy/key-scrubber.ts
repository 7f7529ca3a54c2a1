import { joinBytes } from '../join-bytes.js';
import type { KeyFinder, Range } from './key-finder.js';
import { viewPlain } from './plain-view.js';

const asterisk = 0x2a;
const nothing = Buffer.alloc(0);

/**
 * Masks a secret, and long parts of it (runs), in a stream of bytes. A run may be spread over chunks, and may be
 * written with escapes. The mask has the same length, so the content length stays correct. Bytes are held back only if
 * they are a suffix that occurs in the secret, or an incomplete escape, because the next chunk may continue either.
 * Without escapes, such a suffix is at most as long as the secret.
 */
export class KeyScrubber {
  readonly #finder: KeyFinder;
  #heldBack: Buffer = nothing;
  /** The number of held-back bytes that belong to a run whose beginning was already masked and passed on. */
  #maskedBytes = 0;

  constructor(finder: KeyFinder) {
    this.#finder = finder;
  }

  /** @returns the bytes that can be passed on now */
  scrub(chunk: Buffer): Buffer {
    if (chunk.length === 0 || this.#finder.spellings.length === 0) return chunk;
    return this.#passOn(chunk, false);
  }

  /** @returns the held-back bytes, at the end of the stream */
  flush(): Buffer {
    return this.#heldBack.length === 0 ? nothing : this.#passOn(nothing, true);
  }

  /** Masks a text that is complete. */
  scrubWhole(text: Buffer): Buffer {
    return joinBytes([this.scrub(text), this.flush()].filter(({ length }) => length > 0));
  }

  #passOn(chunk: Buffer, isLast: boolean): Buffer {
    const bytes = this.#heldBack.length === 0 ? chunk : Buffer.concat([this.#heldBack, chunk]);
    const view = viewPlain(bytes);
    const openLength = isLast ? 0 : this.#finder.measureOpenEnd(view.bytes);
    const end = openLength === 0 ? (isLast ? bytes.length : view.end) : view.startOf(view.bytes.length - openLength);
    const ranges = this.#finder
      .find(view.bytes)
      .map((range) => ({ start: view.startOf(range.start), end: view.startOf(range.end) }));
    const secret = this.#maskedBytes === 0 ? ranges : [{ start: -1, end: this.#maskedBytes }, ...ranges];
    this.#maskedBytes = countBytesToMask(secret, end);
    // Copy the held-back bytes, so that they do not keep the whole chunk in memory and do not change when the chunk
    // changes.
    this.#heldBack = end === bytes.length ? nothing : Buffer.from(bytes.subarray(end));
    return maskRanges(bytes.subarray(0, end), secret);
  }
}

/** @returns how many bytes from `end` on belong to a run that begins before `end` */
function countBytesToMask(ranges: readonly Range[], end: number): number {
  return ranges.reduce((most, range) => (range.start < end ? Math.max(most, range.end - end) : most), 0);
}

/** Masks these ranges. @returns the same bytes when there are none */
export function maskRanges(bytes: Buffer, ranges: readonly Range[]): Buffer {
  const within = ranges.filter(({ start }) => start < bytes.length);
  if (within.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  for (const { start, end } of within) copy.fill(asterisk, Math.max(0, start), Math.min(end, copy.length));
  return copy;
}
