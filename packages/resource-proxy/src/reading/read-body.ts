import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Denial, Denied } from '../denials/denial.js';
import type { ProxyLimits } from '../limits.js';
import { BodyBytes } from './body-bytes.js';
import type { BodyReservation } from './body-memory.js';
import { GrantGate } from './grant-gate.js';
import { SmallChunkCount } from './small-chunk-count.js';
import { watchBodyRate } from './watch-body-rate.js';

export interface BodyReading {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly limits: ProxyLimits;
  readonly maxBytes: number;
  /** The reservation from which the memory for the body is taken. The caller must release it. */
  readonly bodyReservation: BodyReservation;
  /** Called at most once: when more than `uncheckedBodyBytes` are announced or have arrived. @throws Denied */
  readonly requireOpenGrant: () => Promise<void>;
}

/** For a short time, a body is in memory twice: as it was received, and as it will be sent. */
export const copiesOfBody = 2;

/**
 * Reads a whole body into memory, within bounds of size and time.
 * @throws Denied `body_too_large`, `body_too_slow`, `body_in_small_chunks` or `client_left`; also when there is no
 * memory for the body, or when the grant admits no more requests
 */
export async function readBody(reading: BodyReading): Promise<BodyBytes> {
  const gate = await openGate(reading);
  return new Promise((resolve, reject) => {
    const { request, limits, maxBytes, bodyReservation } = reading;
    const body = new BodyBytes();
    const stopWatch = watchBodyRate(request, limits, () => refuse({ reason: 'body_too_slow' }));
    const refuse = (denial: Denial) => fail(new Denied(denial));
    const fail = (error: unknown) => {
      leave();
      // The rest of the body is discarded later, once the refusal has been written.
      request.pause();
      body.discard();
      reject(error);
    };
    const smallChunks = new SmallChunkCount();
    const onData = (chunk: Buffer) => {
      if (smallChunks.isTooMany(chunk)) return refuse({ reason: 'body_in_small_chunks' });
      if (body.length + chunk.length > maxBytes) return refuse({ reason: 'body_too_large', maxBytes });
      try {
        bodyReservation.take(copiesOfBody * chunk.length);
      } catch (error) {
        return fail(error);
      }
      body.add(chunk);
      gate.pass(body.length, fail);
    };
    const onEnd = () => {
      leave();
      resolve(body);
    };
    const onClose = () => refuse({ reason: 'client_left' });
    const leave = () => {
      stopWatch();
      request.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
    };
    request.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/** Runs the steps before the first byte of a body is read. @throws Denied */
export async function openGate({
  request,
  response,
  limits,
  maxBytes,
  requireOpenGrant,
}: BodyReading): Promise<GrantGate> {
  requireLength(request, maxBytes);
  const gate = new GrantGate({ request, freeBytes: limits.uncheckedBodyBytes, requireOpenGrant });
  await gate.announce();
  if (request.destroyed) throw new Denied({ reason: 'client_left' });
  askForBody(request, response);
  return gate;
}

/** A body whose announced length is too large is not read at all. */
function requireLength({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new Denied({ reason: 'body_too_large', maxBytes });
}

/** If a client waits for `100 Continue`, the proxy asks for the body only when it will read the body. */
function askForBody({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}
