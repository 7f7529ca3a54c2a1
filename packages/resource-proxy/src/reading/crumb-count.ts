/** A client that writes as it thinks begins with small pieces. */
const freeChunks = 2_000;
const leastBytesOfChunk = 32;

/**
 * Counts the chunks of a body in chunked encoding. Each costs as much as a packet, however small: in chunks of one byte,
 * what arrives in one turn of the event loop holds it up for a second.
 */
export class CrumbCount {
  #chunks = 0;
  #bytes = 0;

  /** @param chunk the next one @returns whether the body comes in more and smaller chunks than any honest one */
  isTooMany({ length }: Buffer): boolean {
    this.#chunks += 1;
    this.#bytes += length;
    return this.#chunks > freeChunks && this.#bytes < this.#chunks * leastBytesOfChunk;
  }
}
