const quote = 0x22;
const backslash = 0x5c;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/** Finds the end of a JSON string or a JSON object that arrives in pieces. */
export class ValueEnd {
  /** How many of the bytes that `find` was last given it has read, less those that the caller has removed since. */
  #seen = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /**
   * @param bytes the value, except the bytes that were skipped at its beginning, and perhaps bytes after the value
   * @returns the index after the value; undefined when it is incomplete
   */
  find(bytes: Buffer): number | undefined {
    for (let index = this.#seen; index < bytes.length; index += 1) if (this.#isLast(bytes[index])) return index + 1;
    this.#seen = bytes.length;
    return undefined;
  }

  /** Call this when the next `find` gets the value without so many bytes at its beginning. */
  skip(length: number): void {
    this.#seen -= length;
  }

  #isLast(byte: number | undefined): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) {
        this.#isInString = false;
        return this.#depth === 0;
      }
    } else if (byte === quote) this.#isInString = true;
    else if (byte === openingBrace) this.#depth += 1;
    else if (byte === closingBrace) {
      this.#depth -= 1;
      return this.#depth === 0;
    }
    return false;
  }
}
