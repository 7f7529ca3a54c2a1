import type { Context } from './context.js';
import { Denied } from './denials/denial.js';
import { defaultMaxBodyBytes } from './endpoint.js';

/**
 * Reads the bytes of a request's body.
 * @throws Denied when there are more bytes than the endpoint accepts, or fewer than the request announced
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
    // The chunks may contain a password. The middleware `requireText` overwrites only `body`, which is a copy of them.
    for (const chunk of chunks) chunk.fill(0);
    return body;
  } catch (error) {
    // The connection ended before the end of the body. The client does not see the answer, but the reason is logged.
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
