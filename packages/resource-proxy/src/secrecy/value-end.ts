const quote = 0x22;
const backslash = 0x5c;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/** Finds the end of a JSON string or a JSON object that arrives in pieces. */
export class ValueEnd {
  /** How many bytes at the beginning of the argument of the next `find` were examined already. */
  #seen = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /**
   * @param bytes all bytes of the value that have arrived, without those that were skipped. Other bytes may follow the
   * value
   * @returns the index after the value; undefined when it is incomplete
   */
  find(bytes: Buffer): number | undefined {
    for (let index = this.#seen; index < bytes.length; index += 1) if (this.#isLast(bytes[index])) return index + 1;
    this.#seen = bytes.length;
    return undefined;
  }

  /** Call this after removing `length` bytes from the beginning of the value, before the next `find`. */
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
