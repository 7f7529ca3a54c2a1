import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Makes a request that has been read readable once more, with another body. */
export function replayBody(request: IncomingMessage, body: string): void {
  const bytes = Buffer.from(body);
  request.headers['content-length'] = String(bytes.length);
  const iterate = () => Readable.from([bytes])[Symbol.asyncIterator]();
  Object.defineProperties(request, {
    readable: { value: true },
    iterator: { value: iterate },
    [Symbol.asyncIterator]: { value: iterate },
  });
}
