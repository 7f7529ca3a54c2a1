import { JsonPart } from './json-part.js';
import { maxPartBytes } from './sse-lines.js';
import type { PartReader } from './usage-tap.js';

const quote = 0x22;
const backslash = 0x5c;

/**
 * Passes each element of a JSON list to a tap, while the list arrives piece by piece (see `streamsList`). The elements
 * are objects. This class tracks strings and depth, so that it does not mistake a brace within an element for the
 * element's end.
 */
export class JsonElements {
  readonly #tap: PartReader;
  readonly #element = new JsonPart(maxPartBytes);
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(tap: PartReader) {
    this.#tap = tap;
  }

  write(chunk: Buffer): void {
    let start = this.#isInElement ? 0 : -1;
    for (let index = 0; index < chunk.length; index += 1) {
      if (this.#isInString) {
        index = this.#skipString(chunk, index);
        continue;
      }
      const byte = chunk[index];
      if (byte === quote) this.#isInString = true;
      else if (byte === 0x7b || byte === 0x5b) {
        this.#depth += 1;
        if (this.#depth === 2) start = index;
      } else if (byte === 0x7d || byte === 0x5d) {
        this.#depth -= 1;
        if (this.#depth !== 1) continue;
        this.#element.add(chunk.subarray(start, index + 1));
        this.#endElement();
        start = -1;
      }
    }
    if (start !== -1) this.#element.add(chunk.subarray(start));
  }

  end(): void {
    // Discard an element that has not ended.
    this.#element.take();
  }

  get #isInElement(): boolean {
    return this.#depth > 1;
  }

  /** @returns the index of the closing quote; the length of the chunk when the string continues in the next chunk */
  #skipString(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) {
        this.#isInString = false;
        return index;
      }
    }
    return chunk.length;
  }

  #endElement(): void {
    const element = this.#element.take();
    if (element.kind === 'whole') this.#tap.readPart(element.json);
    else this.#tap.readLarge(element.kind === 'skeleton' ? element.json : undefined);
  }
}
