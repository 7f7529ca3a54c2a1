import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.js';

/** The bytes of a request. @throws Refusal when there are more than `maxBytes` */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes)
      throw new Refusal({ status: 413, reason: 'payload_too_large', message: 'The request is too large.' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
