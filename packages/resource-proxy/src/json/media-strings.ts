import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from './json-value.js';
import type { MediaSpan } from './scan-json.js';

/** Shorter media strings are parsed and written like any other string. */
const leastBytes = 16_384;

interface Place {
  readonly holder: JsonObject | JsonValue[];
  readonly key: string | number;
  readonly placeholder: string;
  readonly value: string;
}

/**
 * The long media strings of one body (see `isMediaString`). They contain no escapes, so they need no parsing and no
 * serialising. A picture of 30 MB is therefore in memory only twice, as its bytes and as one string. With parsing and
 * serialising it would be in memory five times.
 */
export class MediaStrings {
  readonly #bytes: Buffer;
  readonly #spans: readonly MediaSpan[];
  /** Random, so that no string of the client can be mistaken for a placeholder. */
  readonly #mark = `media-${randomUUID()}-`;
  readonly #places: Place[] = [];

  constructor(bytes: Buffer, spans: readonly MediaSpan[]) {
    this.#bytes = bytes;
    this.#spans = spans.filter(({ start, end }) => end - start >= leastBytes);
  }

  /** Returns the body's text, with a placeholder for each media string. */
  readText(): string {
    const texts: string[] = [];
    let from = 0;
    this.#spans.forEach(({ start, end }, index) => {
      texts.push(this.#bytes.toString('utf8', from, start), `${this.#mark}${index}`);
      from = end;
    });
    texts.push(this.#bytes.toString('utf8', from));
    return texts.join('');
  }

  /** Replaces the placeholders with the strings. */
  putIn(value: JsonValue): void {
    if (this.#spans.length > 0) this.#visit(value);
  }

  /** Replaces the strings with placeholders, which frees the strings' memory. */
  takeOut(): void {
    for (const { holder, key, placeholder, value } of this.#places.splice(0))
      if (get(holder, key) === value) set(holder, key, placeholder);
  }

  /**
   * Writes a body as bytes, with the media strings in place of their placeholders.
   * @param text the JSON of the body, with the placeholders
   */
  write(text: string): Buffer {
    const pieces = this.#split(text);
    const length = pieces.reduce((sum, piece) => sum + byteLength(piece), 0);
    // The buffer is not from a pool, so that it can be transferred to another thread.
    const bytes = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const piece of pieces)
      at += typeof piece === 'string' ? bytes.write(piece, at, 'utf8') : piece.copy(bytes, at);
    return bytes;
  }

  #split(text: string): (string | Buffer)[] {
    if (this.#spans.length === 0) return [text];
    const pieces: (string | Buffer)[] = [];
    let from = 0;
    for (let at = text.indexOf(this.#mark); at !== -1; at = text.indexOf(this.#mark, from)) {
      pieces.push(text.slice(from, at));
      from = text.indexOf('"', at);
      const span = this.#spans[Number(text.slice(at + this.#mark.length, from))];
      if (span === undefined) throw new Error('a placeholder has no media string');
      pieces.push(this.#bytes.subarray(span.start, span.end));
    }
    pieces.push(text.slice(from));
    return pieces;
  }

  #visit(value: JsonValue): void {
    if (Array.isArray(value)) value.forEach((item, index) => this.#replace(value, index, item));
    else if (typeof value === 'object' && value !== null)
      for (const key of Object.keys(value)) this.#replace(value, key, value[key] ?? null);
  }

  #replace(holder: JsonObject | JsonValue[], key: string | number, value: JsonValue): void {
    if (typeof value !== 'string') return this.#visit(value);
    if (!value.startsWith(this.#mark)) return;
    const span = this.#spans[Number(value.slice(this.#mark.length))];
    if (span === undefined) throw new Error('a placeholder has no media string');
    const media = this.#bytes.toString('latin1', span.start, span.end);
    this.#places.push({ holder, key, placeholder: value, value: media });
    set(holder, key, media);
  }
}

function get(holder: JsonObject | JsonValue[], key: string | number): JsonValue | undefined {
  return Array.isArray(holder) ? holder[Number(key)] : holder[key];
}

function set(holder: JsonObject | JsonValue[], key: string | number, value: JsonValue): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[key] = value;
}

function byteLength(piece: string | Buffer): number {
  return typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
}
