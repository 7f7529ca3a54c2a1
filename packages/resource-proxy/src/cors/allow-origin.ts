import type { IncomingMessage, ServerResponse } from 'node:http';
import { sdkForms } from '../denials/sdk-forms.js';
import type { Exchange } from '../exchange.js';
import type { ClientOrigins } from './client-origins.js';

/** The answer headers, in all dialects, that browser code may read. */
const commonHeaders = [
  'aipassport-dropped',
  'aipassport-limit',
  'aipassport-max-output-tokens',
  'aipassport-model',
  'aipassport-remaining-requests',
  'aipassport-remaining-usd',
  'aipassport-store',
  'retry-after',
  'retry-after-ms',
  'www-authenticate',
  'x-request-id',
  'x-should-retry',
  'x-upstream-request-id',
];
const dialectHeaders = Object.values(sdkForms).flatMap(({ requestIdHeaders, rateHeaders }) => [
  ...requestIdHeaders,
  rateHeaders.requests,
  rateHeaders.tokens,
]);
const exposedHeaders = [...new Set([...commonHeaders, ...dialectHeaders])].sort().join(', ');
const maxAgeSeconds = '600';
const headerListPattern = /^[\w!#$%&'*+.^`|~-]+( ?, ?[\w!#$%&'*+.^`|~-]+){0,60}$/;

interface CorsDependencies {
  readonly origins: ClientOrigins;
}

/** Whether this is a CORS preflight request (Fetch, "CORS-preflight request"). */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/**
 * Answers a preflight request. A preflight request contains no token, so the origins of all registered clients are
 * allowed. The answer to the request itself can be read only by a page of the token's client. All origins are allowed
 * only for the metadata. `access-control-allow-credentials` is never sent, because tokens are not cookies.
 */
export async function answerPreflight(
  { origins }: CorsDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin = '', 'access-control-request-headers': asked } = request.headers;
  const isPublic = request.url?.startsWith('/.well-known/') === true;
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers');
  if (isPublic || (await origins.isRegistered(origin))) {
    response.setHeader('access-control-allow-origin', isPublic ? '*' : origin);
    response.setHeader('access-control-allow-methods', 'GET, POST, DELETE');
    // Any request header is allowed here, because only headers on this proxy's own list are sent to the upstream.
    if (asked !== undefined && headerListPattern.test(asked)) response.setHeader('access-control-allow-headers', asked);
    response.setHeader('access-control-max-age', maxAgeSeconds);
  }
  response.writeHead(204).end();
}

/** Lets the calling page read the answer if its origin belongs to the token's client. */
export async function allowOriginOfClient(
  { origins }: CorsDependencies,
  { request, response, claims }: Exchange,
): Promise<void> {
  const { origin } = request.headers;
  if (origin === undefined || claims === undefined) return;
  if (await origins.belongsTo(claims.clientId, origin)) allow(response, origin);
  else response.setHeader('vary', 'Origin');
}

/**
 * Lets a page read a refusal that was decided before the client was known, for instance because a token has expired.
 * Such an answer contains no data of any account.
 */
export async function allowRegisteredOrigin(
  { origins }: CorsDependencies,
  { request, response, claims }: Exchange,
): Promise<void> {
  const { origin } = request.headers;
  if (origin === undefined || claims !== undefined) return;
  if (await origins.isRegistered(origin)) allow(response, origin);
}

function allow(response: ServerResponse, origin: string): void {
  response.setHeader('vary', 'Origin');
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', exposedHeaders);
}
