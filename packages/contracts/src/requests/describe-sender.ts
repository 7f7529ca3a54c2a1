import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { findClientIpAddress } from './find-client-ip-address.js';
import { readTraceparent } from './read-traceparent.js';

/** What the log says about the sender of a request. */
export interface Sender {
  /** The client's IP address; undefined if it is not known. */
  readonly ipAddress: string | undefined;
  /**
   * The client's `x-request-id`; undefined if there is none or it is malformed. It only helps people to find log lines.
   * Clients choose it freely, so two requests may have the same.
   */
  readonly requestId: string | undefined;
  /** The trace that the client names in `traceparent`; undefined if there is none or it is malformed. */
  readonly traceId: string | undefined;
}

/**
 * A UUID has 36 characters. Our tokens and most provider keys are longer. So a token or a provider key that a client
 * puts into this header by mistake is not logged.
 */
const wellFormed = /^[A-Za-z0-9_.-]{1,36}$/;

/**
 * Describes the sender of a request. Call it when the request begins: later, the IP address of a closed connection is
 * not known any more.
 * @param trustedHops the number of reverse proxies in front of this server that append to `X-Forwarded-For`
 */
export function describeSender({ headers, socket }: IncomingMessage, trustedHops: number): Sender {
  const forwardedFor = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const ipAddress = findClientIpAddress(forwardedFor, socket.remoteAddress ?? '', trustedHops);
  const given = headers['x-request-id'];
  return {
    ipAddress: isIP(ipAddress) === 0 ? undefined : ipAddress,
    requestId: typeof given === 'string' && wellFormed.test(given) ? given : undefined,
    traceId: readTraceparent(headers['traceparent'])?.traceId,
  };
}
