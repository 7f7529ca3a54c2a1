import type { Dispatcher } from 'undici';

/** Reads the answer to a request that the proxy itself has made. @returns undefined when it is longer than allowed */
export async function readBounded(
  { body }: Pick<Dispatcher.ResponseData, 'body'>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBytes) {
      body.destroy();
      return undefined;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
