import type { Context } from './context.js';
import { defaultMaxBodyBytes } from './endpoints.js';
import { Refusal } from './refusal.js';

/**
 * The bytes of a request's body.
 * @throws Refusal when they are more than the endpoint takes, or fewer than the request announced
 */
export async function readBody({ req: request, state }: Context): Promise<Buffer> {
  const { maxBodyBytes = defaultMaxBodyBytes } = state.endpoint ?? {};
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBodyBytes) throw tooLarge();
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    // The chunk may contain a password. The reader overwrites only `body`.
    for (const chunk of chunks) chunk.fill(0);
    return body;
  } catch (error) {
    // The connection ended within the body, so the client does not see the answer.
    if (!(error instanceof Refusal) && request.destroyed) throw cutShort();
    throw error;
  }
}

function tooLarge(): Refusal {
  return new Refusal({ status: 413, reason: 'payload_too_large', message: 'The request is too large.' });
}

function cutShort(): Refusal {
  return new Refusal({ status: 400, reason: 'invalid_request', message: 'The request ended before its body did.' });
}
