import { joinBytes } from '../join-bytes.js';

/** Larger bodies are copied into memory of their own as they come, so that another thread can take it over. */
const leastOwnBytes = 65_536;
const maxBlockBytes = 4 * 1024 * 1024;

/**
 * Collects a body. What is copied is copied chunk by chunk: joining 30 MB at the end would hold up everybody else.
 */
export class BodyBytes {
  readonly #announcedBytes: number | undefined;
  #chunks: Buffer[] = [];
  #blocks: Buffer<ArrayBuffer>[] = [];
  /** Of the last block. */
  #filledBytes = 0;
  #length = 0;

  /** @param announcedBytes undefined when the client does not say how long it is */
  constructor(announcedBytes: number | undefined) {
    this.#announcedBytes = announcedBytes;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#blocks.length === 0 && this.#length <= leastOwnBytes && (this.#announcedBytes ?? 0) <= leastOwnBytes) {
      this.#chunks.push(chunk);
      return;
    }
    for (const early of this.#chunks.splice(0)) this.#copy(early);
    this.#copy(chunk);
  }

  /** The body in one piece; for small ones. */
  join(): Buffer {
    return joinBytes([...this.#chunks, ...this.#takeBlocks()]);
  }

  /** The body in pieces that can be moved to another thread. */
  takePieces(): Buffer<ArrayBuffer>[] {
    const early = this.#chunks.map((chunk) => {
      const own = Buffer.allocUnsafeSlow(chunk.length);
      own.set(chunk);
      return own;
    });
    return [...early, ...this.#takeBlocks()];
  }

  #takeBlocks(): Buffer<ArrayBuffer>[] {
    const blocks = this.#blocks;
    const last = blocks.pop();
    this.#blocks = [];
    return last === undefined ? [] : [...blocks, last.subarray(0, this.#filledBytes)];
  }

  #copy(chunk: Buffer): void {
    let from = 0;
    while (from < chunk.length) {
      let block = this.#blocks.at(-1);
      if (block === undefined || this.#filledBytes === block.length) block = this.#addBlock();
      const copied = chunk.copy(block, this.#filledBytes, from);
      this.#filledBytes += copied;
      from += copied;
    }
  }

  #addBlock(): Buffer<ArrayBuffer> {
    const last = this.#blocks.at(-1)?.length ?? leastOwnBytes;
    // A page that is not written to takes no memory: what is announced and never sent costs nothing.
    const bytes = this.#blocks.length === 0 ? (this.#announcedBytes ?? last * 2) : Math.min(maxBlockBytes, last * 2);
    const block = Buffer.allocUnsafeSlow(bytes);
    this.#blocks.push(block);
    this.#filledBytes = 0;
    return block;
  }
}
