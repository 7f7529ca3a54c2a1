import { freeBytes, freeChunk } from '../free-bytes.js';
import { joinBytes } from '../join-bytes.js';

/** Larger bodies are copied into unshared memory as they arrive, so that they can be transferred to another thread. */
const leastOwnBytes = 65_536;
/**
 * The largest block. Blocks grow with the bytes that have arrived, not with the announced length, so an announced body
 * that is never sent takes no memory.
 */
const maxBlockBytes = 4 * 1024 * 1024;

/** Collects a body. A large one is copied chunk by chunk: joining 30 MB at the end would block the event loop. */
export class BodyBytes {
  #chunks: Buffer[] = [];
  #blocks: Buffer<ArrayBuffer>[] = [];
  /** The filled bytes of the last block. */
  #filledBytes = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= leastOwnBytes) {
      this.#chunks.push(chunk);
      return;
    }
    for (const early of this.#chunks.splice(0)) this.#copy(early);
    this.#copy(chunk);
  }

  /** Returns the body in one piece. For small bodies only. */
  join(): Buffer {
    return joinBytes([...this.#chunks, ...this.#takeBlocks()]);
  }

  /** Returns the body in pieces that can be moved to another thread. */
  takePieces(): Buffer<ArrayBuffer>[] {
    const early = this.#chunks.map((chunk) => {
      const own = Buffer.allocUnsafeSlow(chunk.length);
      own.set(chunk);
      return own;
    });
    return [...early, ...this.#takeBlocks()];
  }

  /** Frees the memory of the body, unless `join` or `takePieces` has returned the body. */
  discard(): void {
    this.#chunks = [];
    for (const block of this.#takeBlocks()) freeBytes(block);
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
    freeChunk(chunk);
  }

  #addBlock(): Buffer<ArrayBuffer> {
    const last = this.#blocks.at(-1)?.length ?? leastOwnBytes;
    const block = Buffer.allocUnsafeSlow(Math.min(maxBlockBytes, last * 2));
    this.#blocks.push(block);
    this.#filledBytes = 0;
    return block;
  }
}
