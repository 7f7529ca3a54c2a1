/** Memory of a buffer's own, which no other buffer is in. */
export type OwnBytes = Uint8Array<ArrayBuffer>;

/** Smaller ones are not worth it. */
const leastBytes = 65_536;

/**
 * Gives the memory of a large buffer back at once: megabytes that wait for a garbage collection add up. Nothing may read
 * it any more, the kernel included: it is for what was never handed to a socket.
 */
export function freeBytes({ buffer }: OwnBytes): void {
  if (!buffer.detached && buffer.byteLength >= leastBytes) buffer.transfer(0);
}

/**
 * The same for a piece of a request that was looked at, or copied: while megabytes come in, the pieces that they came in
 * would wait for a garbage collection. Node.js gives each memory of its own; what shares it with others stays.
 */
export function freeChunk(chunk: Buffer): void {
  const { buffer, byteLength } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength >= leastChunkBytes)
    buffer.transfer(0);
}

/** Smaller ones may be in a pool. */
const leastChunkBytes = 8_192;
