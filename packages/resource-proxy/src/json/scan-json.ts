import type { BodyProblem } from '../denials/denial.js';
import { isMediaString } from './is-media-string.js';

/** The position of a media string: the index after its opening quote, and the index of its closing quote. */
export interface MediaSpan {
  readonly start: number;
  readonly end: number;
}

/** The shape of a JSON text, found from its bytes before anything is built from them. */
export interface JsonShape {
  /** The number of colons outside of strings. Every member has one colon. Repeated members count each time. */
  readonly members: number;
  /** An upper bound for the number of values of any kind: an empty list or object counts twice. */
  readonly values: number;
  readonly escapes: number;
  /** The bytes outside of media strings. */
  readonly textBytes: number;
  readonly depth: number;
  /** Whether the text may have numbers that JavaScript would write differently. */
  readonly hasUnusualNumbers: boolean;
  /** In the order of the text. */
  readonly media: readonly MediaSpan[];
}

/** The limits of one JSON text. */
export interface JsonBounds {
  readonly depth: number;
  readonly members: number;
  readonly values: number;
  readonly escapes: number;
  readonly textBytes: number;
}

export type JsonScan =
  | { readonly ok: true; readonly shape: JsonShape }
  | { readonly ok: false; readonly problem: BodyProblem };

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const letterE = 0x65;
/** For strings of this length and more, a native search for the end is faster than a loop over the bytes. */
const longString = 48;
/** Escapes are usually close together. For this many bytes after an escape, the scan goes byte by byte. */
const escapeNeighbourhood = 256;
/** Shorter strings are treated as text, so that the list of media strings stays short. */
const leastMediaBytes = 1_024;

/**
 * Measures a JSON text in one pass over its bytes, without building anything, and stops when a limit is exceeded. It
 * does not validate: for malformed JSON the counts are meaningless.
 */
export function scanJson(bytes: Buffer, bounds: JsonBounds): JsonScan {
  return new Scan(bytes, bounds).run();
}

class Scan {
  readonly #bytes: Buffer;
  readonly #bounds: JsonBounds;
  readonly #media: MediaSpan[] = [];
  #members = 0;
  #values = 1;
  #escapes = 0;
  #mediaBytes = 0;
  #depth = 0;
  #deepest = 0;
  #hasUnusualNumbers = false;
  /** The positions of the next quote and backslash, cached so that each byte is scanned once. */
  #quoteAt = -1;
  #backslashAt = -1;

  constructor(bytes: Buffer, bounds: JsonBounds) {
    this.#bytes = bytes;
    this.#bounds = bounds;
  }

  run(): JsonScan {
    const bytes = this.#bytes;
    for (let index = 0; index < bytes.length; index += 1) {
      switch (bytes[index]) {
        case quote:
          index = this.#skipString(index + 1);
          break;
        case 0x3a: // :
          this.#members += 1;
          continue;
        case 0x2c: // ,
          this.#values += 1;
          break;
        case 0x7b: // {
        case 0x5b: // [
          this.#values += 1;
          this.#depth += 1;
          if (this.#depth > this.#deepest) this.#deepest = this.#depth;
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.#depth -= 1;
          continue;
        default:
          if (isNumberStart(bytes[index])) index = this.#skipNumber(index);
          continue;
      }
      const problem = this.#findProblem(index);
      if (problem !== undefined) return { ok: false, problem };
    }
    const problem = this.#findProblem(bytes.length);
    return problem === undefined ? { ok: true, shape: this.#describe() } : { ok: false, problem };
  }

  #describe(): JsonShape {
    return {
      members: this.#members,
      values: this.#values,
      escapes: this.#escapes,
      textBytes: this.#bytes.length - this.#mediaBytes,
      depth: this.#deepest,
      hasUnusualNumbers: this.#hasUnusualNumbers,
      media: this.#media,
    };
  }

  #findProblem(index: number): BodyProblem | undefined {
    const { depth, members, values, escapes, textBytes } = this.#bounds;
    if (this.#depth > depth) return 'too_deep';
    if (this.#members > members) return 'too_many_members';
    if (this.#values > values) return 'too_many_values';
    if (this.#escapes > escapes) return 'too_many_escapes';
    return index - this.#mediaBytes > textBytes ? 'too_much_text' : undefined;
  }

  /** @returns the index of the number's last byte */
  #skipNumber(start: number): number {
    const bytes = this.#bytes;
    let end = start + 1;
    let hasPoint = false;
    for (; isNumberPart(bytes[end]); end += 1) {
      if (bytes[end] === point) hasPoint = true;
      else if (((bytes[end] ?? 0) | 0x20) === letterE) this.#hasUnusualNumbers = true;
    }
    // JavaScript cannot represent every number with more than 15 digits. It writes `1.0` as `1`, and `-0` as `0`.
    const isZero = bytes[end - 1] === zero;
    if (end - start > 15 || (isZero && (hasPoint || bytes[start] === minus))) this.#hasUnusualNumbers = true;
    return end - 1;
  }

  /**
   * @returns the index of the closing quote; the length of the text when there is no closing quote, or too many escapes
   */
  #skipString(start: number): number {
    const escapesBefore = this.#escapes;
    const end = this.#findStringEnd(start);
    const isLong = end - start >= leastMediaBytes && this.#escapes === escapesBefore;
    if (isLong && end < this.#bytes.length && !this.#isName(end) && isMediaString(this.#bytes, start, end)) {
      this.#media.push({ start, end });
      this.#mediaBytes += end - start;
    }
    return end;
  }

  #findStringEnd(start: number): number {
    const bytes = this.#bytes;
    let index = start;
    let nearby = Math.min(bytes.length, start + longString);
    for (;;) {
      while (index < nearby) {
        const byte = bytes[index];
        if (byte === quote) return index;
        if (byte === backslash) this.#escapes += 1;
        index += byte === backslash ? 2 : 1;
      }
      // Either the text has ended, or it has too many escapes. A body with too many escapes is refused, so the end of
      // its string is not needed.
      if (index >= bytes.length || this.#escapes > this.#bounds.escapes) return bytes.length;
      if (this.#quoteAt < index) this.#quoteAt = find(bytes, quote, index);
      if (this.#backslashAt < index) this.#backslashAt = find(bytes, backslash, index);
      if (this.#quoteAt <= this.#backslashAt) return this.#quoteAt;
      index = this.#backslashAt;
      nearby = Math.min(bytes.length, index + escapeNeighbourhood);
    }
  }

  /**
   * Whether a string is the name of a member.
   * @param end the index of the string's closing quote
   */
  #isName(end: number): boolean {
    let index = end + 1;
    while (isSpace(this.#bytes[index])) index += 1;
    return this.#bytes[index] === 0x3a;
  }
}

function isNumberStart(byte = 0): boolean {
  return byte === minus || (byte >= zero && byte <= nine);
}

function isNumberPart(byte = 0): boolean {
  return (
    (byte >= zero && byte <= nine) || byte === point || byte === minus || byte === plus || (byte | 0x20) === letterE
  );
}

function find(bytes: Buffer, byte: number, from: number): number {
  const index = bytes.indexOf(byte, from);
  return index === -1 ? bytes.length : index;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
