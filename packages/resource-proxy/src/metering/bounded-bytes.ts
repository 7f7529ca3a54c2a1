import { joinBytes } from '../join-bytes.js';

/** What is kept of something that became too large: enough for the usage at its end. */
const tailBytes = 4_096;

/**
 * Collects the pieces of one thing, all of them up to a bound and only the last few kilobytes beyond it. Linear in
 * what is added, whatever the sizes of the pieces.
 */
export class BoundedBytes {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #keptBytes = 0;
  #totalBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isWhole(): boolean {
    return this.#totalBytes <= this.#maxBytes;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#totalBytes += piece.length;
    this.#pieces.push(piece);
    this.#keptBytes += piece.length;
    if (!this.isWhole && this.#keptBytes > 4 * tailBytes) this.#dropAllButTail();
  }

  /** Everything that is kept, as one piece; and begins anew. */
  take(): Buffer {
    const bytes = joinBytes(this.#pieces);
    this.#pieces = [];
    this.#keptBytes = 0;
    this.#totalBytes = 0;
    return bytes;
  }

  #dropAllButTail(): void {
    const tail = Buffer.from(Buffer.concat(this.#pieces).subarray(-tailBytes));
    this.#pieces = [tail];
    this.#keptBytes = tail.length;
  }
}
