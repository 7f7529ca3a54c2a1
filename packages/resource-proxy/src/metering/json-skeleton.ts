const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Longer strings become empty. Identifiers, types and names are shorter than this. */
const maxStringBytes = 200;
const maxScalarBytes = 40;
const maxDepth = 256;
const firstOutBytes = 16_384;
/** A skeleton of this size is parsed within some milliseconds. */
const maxOutBytes = 262_144;
/** Members that may contain a value for every token and that are not needed to read the usage. */
const unreadMembers = new Set(
  'choices data words segments logprobs embeddings annotations citations sources results'.split(' '),
);

interface Container {
  readonly isList: boolean;
  /** The number of members or elements that were written. */
  size: number;
}

/**
 * Reduces a JSON text of any length to the parts that its usage is read from. Long strings become empty, numbers and
 * other plain values in lists are left out, and large members that are not needed for the usage become null. It works
 * piece by piece in bounded memory, in a time that is linear in the text.
 */
export class JsonSkeleton {
  #out: Buffer = Buffer.allocUnsafe(firstOutBytes);
  #length = 0;
  readonly #stack: Container[] = [];
  #state: 'between' | 'string' | 'scalar' | 'done' = 'between';
  /**
   * The text is not a JSON object or list, its nesting is too deep, one of its numbers is too long, or its skeleton is
   * too large.
   */
  #isBroken = false;
  /** Where the current string or scalar begins in the output; -1 when it is left out, or has become too long. */
  #valueAt = -1;
  #isKey = false;
  #isEscaped = false;
  /** Whether the current position is within a member that is not written. */
  #isMuted = false;
  /** The number of open containers within that member. */
  #mutedDepth = 0;

  write(chunk: Buffer): void {
    for (let index = 0; index < chunk.length; ) {
      if (this.#isBroken || this.#state === 'done') return;
      if (this.#state === 'string') index = this.#readString(chunk, index);
      else if (this.#state === 'scalar') index = this.#readScalar(chunk, index);
      else index = this.#isMuted ? this.#skip(chunk, index) : this.#readBetween(chunk, index);
    }
  }

  /** @returns undefined when the text is not complete, or no skeleton of it can be built: see `#isBroken` */
  take(): Buffer | undefined {
    return this.#state === 'done' && !this.#isBroken ? this.#out.subarray(0, this.#length) : undefined;
  }

  #readBetween(chunk: Buffer, index: number): number {
    const byte = chunk[index] ?? 0;
    switch (byte) {
      case openBrace:
      case openBracket:
        this.#open(byte === openBracket);
        break;
      case closeBrace:
      case closeBracket:
        this.#close(byte === closeBracket);
        break;
      case quote:
        this.#beginString();
        break;
      case comma:
        this.#endMember();
        break;
      case colon:
        this.#emit(byte);
        break;
      default:
        if (byte <= 0x20) break;
        this.#beginScalar();
        return index;
    }
    return index + 1;
  }

  #open(isList: boolean): void {
    const inside = this.#stack.at(-1);
    if (inside?.isList === true) this.#separate(inside);
    this.#emit(isList ? openBracket : openBrace);
    this.#stack.push({ isList, size: 0 });
    this.#isKey = !isList;
    if (this.#stack.length > maxDepth) this.#isBroken = true;
  }

  #close(isList: boolean): void {
    this.#endMember();
    const closed = this.#stack.pop();
    if (closed?.isList !== isList) {
      this.#isBroken = true;
      return;
    }
    this.#emit(isList ? closeBracket : closeBrace);
    this.#isKey = false;
    if (this.#stack.length === 0) this.#state = 'done';
  }

  /**
   * @returns the index after the opening quote of a string, the index of the comma or bracket that ends the member, or
   * the length of the chunk
   */
  #skip(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0;
      if (byte === quote) {
        this.#state = 'string';
        return index + 1;
      }
      if (byte === openBrace || byte === openBracket) this.#mutedDepth += 1;
      else if (byte === closeBrace || byte === closeBracket) this.#mutedDepth -= 1;
      if (this.#mutedDepth < 0 || (byte === comma && this.#mutedDepth === 0)) {
        this.#isMuted = false;
        return index;
      }
    }
    return chunk.length;
  }

  #endMember(): void {
    this.#isKey = this.#stack.at(-1)?.isList === false;
  }

  #beginString(): void {
    const inside = this.#stack.at(-1);
    if (inside === undefined) {
      this.#isBroken = true;
      return;
    }
    if (inside.isList || this.#isKey) this.#separate(inside);
    this.#valueAt = this.#length;
    this.#emit(quote);
    this.#state = 'string';
  }

  /** @returns the index where reading continues */
  #readString(chunk: Buffer, from: number): number {
    let end = chunk.indexOf(quote, from);
    while (end !== -1 && this.#isQuoteEscaped(chunk, from, end)) end = chunk.indexOf(quote, end + 1);
    const last = end === -1 ? chunk.length : end;
    this.#keep(chunk, from, last);
    if (end === -1) {
      this.#isEscaped = this.#isQuoteEscaped(chunk, from, chunk.length);
      return chunk.length;
    }
    this.#isEscaped = false;
    this.#endString();
    return end + 1;
  }

  /** Whether the byte at `at` is escaped, which means that an odd number of backslashes precedes it. */
  #isQuoteEscaped(chunk: Buffer, from: number, at: number): boolean {
    let start = at;
    while (start > from && chunk[start - 1] === backslash) start -= 1;
    const isOdd = (at - start) % 2 === 1;
    return start === from && this.#isEscaped ? !isOdd : isOdd;
  }

  /** Writes further bytes of a string, or makes the string empty when it becomes too long. */
  #keep(chunk: Buffer, from: number, to: number): void {
    if (this.#isMuted || this.#valueAt === -1) return;
    if (this.#length - this.#valueAt + to - from <= maxStringBytes) {
      this.#append(chunk, from, to);
      return;
    }
    this.#length = this.#valueAt + 1;
    this.#valueAt = -1;
  }

  #endString(): void {
    this.#state = 'between';
    if (this.#isMuted) return;
    this.#emit(quote);
    if (!this.#isKey) return;
    this.#isKey = false;
    if (this.#valueAt === -1) return;
    if (!unreadMembers.has(this.#out.toString('latin1', this.#valueAt + 1, this.#length - 1))) return;
    for (const byte of nullValue) this.#emit(byte);
    this.#isMuted = true;
    this.#mutedDepth = 0;
  }

  #beginScalar(): void {
    const inside = this.#stack.at(-1);
    this.#isBroken ||= inside === undefined;
    this.#state = 'scalar';
    this.#valueAt = inside?.isList === true ? -1 : this.#length;
  }

  #readScalar(chunk: Buffer, from: number): number {
    let end = from;
    while (end < chunk.length && !endsScalar(chunk[end] ?? 0)) end += 1;
    if (this.#valueAt !== -1) {
      this.#isBroken ||= this.#length - this.#valueAt + end - from > maxScalarBytes;
      this.#append(chunk, from, end);
    }
    if (end < chunk.length) this.#state = 'between';
    return end;
  }

  #separate(inside: Container): void {
    if (inside.size > 0) this.#emit(comma);
    inside.size += 1;
  }

  #emit(byte: number): void {
    if (!this.#reserve(1)) return;
    this.#out[this.#length] = byte;
    this.#length += 1;
  }

  #append(chunk: Buffer, from: number, to: number): void {
    if (this.#reserve(to - from)) this.#length += chunk.copy(this.#out, this.#length, from, to);
  }

  /** @returns false when the output would be too large */
  #reserve(bytes: number): boolean {
    const length = this.#length + bytes;
    this.#isBroken ||= length > maxOutBytes;
    if (this.#isBroken || length <= this.#out.length) return !this.#isBroken;
    const grown = Buffer.allocUnsafe(Math.min(maxOutBytes, 2 * length));
    this.#out.copy(grown, 0, 0, this.#length);
    this.#out = grown;
    return true;
  }
}

const nullValue = Buffer.from(':null');

function endsScalar(byte: number): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20;
}
