import type { IncomingMessage } from 'node:http';
import { Denied } from '../denials/denial.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';

/**
 * If one of these headers is repeated, Node.js silently keeps the first value or joins the values, depending on the
 * header. It refuses a repeated `content-length` itself. Another server between the client and the upstream may keep
 * the last value.
 */
const singular = new Set([
  'host',
  'content-type',
  'content-encoding',
  'content-length',
  'expect',
  'idempotency-key',
  'origin',
  ...Object.values(upstreamApis).flatMap(({ singularHeaders }) => singularHeaders),
]);

/**
 * Refuses requests that two HTTP implementations could read differently. Called before any decision depends on the
 * request.
 *
 * @throws Denied `target_malformed`, `header_repeated` or `body_unexpected`
 */
export function requireWellFormed(request: IncomingMessage): void {
  // Origin form only (RFC 9112 section 3.2.1): Node.js also accepts `http://elsewhere/x`.
  if (request.url?.startsWith('/') !== true) throw new Denied({ reason: 'target_malformed' });
  const seen = new Set<string>();
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]?.toLowerCase() ?? '';
    if (!singular.has(name)) continue;
    if (seen.has(name)) throw new Denied({ reason: 'header_repeated' });
    seen.add(name);
  }
  if (request.method === 'POST') return;
  const { 'content-length': length, 'transfer-encoding': transferEncoding } = request.headers;
  if ((length !== undefined && length !== '0') || transferEncoding !== undefined)
    throw new Denied({ reason: 'body_unexpected' });
}
