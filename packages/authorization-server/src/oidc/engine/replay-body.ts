import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/**
 * Makes the body of a request readable again after it has been read.
 *
 * Assumption: a body is read with request.iterator if request.readable is true, and its length must be content-length.
 */
export function replayBody(request: IncomingMessage, body: string | Buffer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  request.headers['content-length'] = String(bytes.length);
  const iterate = () => Readable.from([bytes])[Symbol.asyncIterator]();
  Object.defineProperties(request, {
    readable: { value: true, configurable: true },
    iterator: { value: iterate, configurable: true },
    [Symbol.asyncIterator]: { value: iterate, configurable: true },
  });
}
