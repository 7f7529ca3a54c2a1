import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Denial, Denied } from '../denials/denial.js';
import { joinBytes } from '../join-bytes.js';
import type { ProxyLimits } from '../limits.js';
import type { BodyBudget } from './body-budget.js';
import { watchBodyRate } from './watch-body-rate.js';

export interface BodyReading {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly limits: ProxyLimits;
  readonly maxBytes: number;
  readonly budget: BodyBudget;
}

/**
 * Reads a whole body into memory, within bounds of size and time. What it takes of the budget is the caller's to
 * give back: the length of the answer.
 *
 * @throws Denied `body_too_large`, `body_too_slow`, `overloaded` or `client_left`
 */
export function readBody({ request, response, limits, maxBytes, budget }: BodyReading): Promise<Buffer> {
  requireLength(request, maxBytes);
  askForBody(request, response);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stopWatch = watchBodyRate(request, limits, () => refuse({ reason: 'body_too_slow' }));
    const refuse = (denial: Denial) => fail(new Denied(denial));
    const fail = (error: unknown) => {
      leave();
      budget.giveBack(length);
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      if (length + chunk.length > maxBytes) return refuse({ reason: 'body_too_large', maxBytes });
      try {
        budget.take(chunk.length);
      } catch (error) {
        return fail(error);
      }
      length += chunk.length;
      chunks.push(chunk);
    };
    const onEnd = () => {
      leave();
      resolve(joinBytes(chunks));
    };
    const onClose = () => refuse({ reason: 'client_left' });
    const leave = () => {
      stopWatch();
      request.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
    };
    request.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/** What says beforehand that it is too long is not read at all. */
export function requireLength({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new Denied({ reason: 'body_too_large', maxBytes });
}

/** A client that waits for `100 Continue` sends its body only when it is known that it will be read. */
export function askForBody({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}
