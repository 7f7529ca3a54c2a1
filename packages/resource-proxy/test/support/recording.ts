/** Bytes that begin like an MP3, whose length the proxy bounds by its size. */
export function mp3Of(size: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(size, 7);
  bytes.set([0xff, 0xfb, 0x90]);
  return bytes;
}
