import type { Context } from './context.js';
import { Denied } from './denials/denial.js';
import { defaultMaxBodyBytes } from './endpoints.js';

/**
 * The bytes of a request's body.
 * @throws Denied when they are more than the endpoint takes, or fewer than the request announced
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
    if (!(error instanceof Denied) && request.destroyed) throw cutShort();
    throw error;
  }
}

function tooLarge(): Denied {
  return new Denied({ reason: 'body_too_large' });
}

function cutShort(): Denied {
  return new Denied({ reason: 'body_cut_short' });
}
