/**
 * The number of chunks that may be of any size, because a client that generates its body while it sends may begin with
 * small chunks.
 */
const freeChunksAtStart = 2_000;
const leastBytesOfChunk = 32;

/**
 * Counts the chunks of a body in chunked encoding. This process needs as much time for a small chunk as for a whole
 * packet. One-byte chunks that arrive in one turn of the event loop can block the process for a second.
 */
export class SmallChunkCount {
  readonly #freeChunks: number;
  #chunks = 0;
  #bytes = 0;

  /** @param freeChunks the number of chunks that may be of any size */
  constructor(freeChunks = freeChunksAtStart) {
    this.#freeChunks = freeChunks;
  }

  /** @param chunk the next chunk @returns whether the body has more small chunks than an honest client sends */
  isTooMany({ length }: Buffer): boolean {
    this.#chunks += 1;
    this.#bytes += length;
    return this.#chunks > this.#freeChunks && this.#bytes < this.#chunks * leastBytesOfChunk;
  }
}
