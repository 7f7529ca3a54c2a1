import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from '../exchange.js';
import type { ClientOrigins } from './client-origins.js';

/** What browser code may read besides the body. */
const exposedHeaders =
  'aipassport-dropped, aipassport-max-output-tokens, aipassport-model, aipassport-remaining-requests, aipassport-remaining-usd, aipassport-store, anthropic-ratelimit-requests-remaining, anthropic-ratelimit-tokens-remaining, request-id, retry-after, retry-after-ms, www-authenticate, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-request-id, x-should-retry, x-upstream-request-id';
const maxAgeSeconds = '600';
const headerListPattern = /^[\w!#$%&'*+.^`|~-]+( ?, ?[\w!#$%&'*+.^`|~-]+){0,60}$/;

interface CorsDependencies {
  readonly origins: ClientOrigins;
}

/** A browser asks whether it may send the real request (Fetch, "CORS-preflight request"). */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/**
 * Answers a preflight. It comes without a token, so it asks for any registered client; the real answer is readable
 * for the token's own client only. `*` for metadata only, and never with credentials: tokens are not cookies.
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
    // Which headers it may send is no matter of ours: what goes upstream is chosen from a list of our own.
    if (asked !== undefined && headerListPattern.test(asked)) response.setHeader('access-control-allow-headers', asked);
    response.setHeader('access-control-max-age', maxAgeSeconds);
  }
  response.writeHead(204).end();
}

/** Lets the page that called read the answer, when its origin is one of the token's client. */
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
 * Lets a page read why it was refused before its client was known: that its token has expired, for instance.
 * Such an answer holds nothing of anybody.
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
