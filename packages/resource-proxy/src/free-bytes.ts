/** Bytes whose memory no other buffer shares. The type alone does not guarantee this. */
export type UnsharedBytes = Uint8Array<ArrayBuffer>;

/** Freeing smaller buffers is not worth the effort. */
const leastBytes = 65_536;

/**
 * Frees the memory of a large buffer at once, because buffers that wait for garbage collection add up to many
 * megabytes. Nothing may read the buffer any more, not even the kernel: never pass a buffer that was handed to a
 * socket.
 */
export function freeBytes({ buffer }: UnsharedBytes): void {
  if (!buffer.detached && buffer.byteLength >= leastBytes) buffer.transfer(0);
}

/**
 * Frees the memory of a request's chunk that was processed or copied. Otherwise the chunks of a large body would wait
 * for garbage collection. Node.js usually allocates separate memory for each chunk. If a chunk shares its memory with
 * other buffers, the memory is not freed.
 */
export function freeChunk(chunk: Buffer): void {
  const { buffer, byteLength } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength >= leastChunkBytes)
    buffer.transfer(0);
}

/** Smaller buffers may be in a pool, so their memory is not freed. */
const leastChunkBytes = 8_192;
