import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerInTurn } from './answer-in-turn.js';
import { answerPreflight, isPreflight } from './cors/allow-origin.js';
import type { ProxyDependencies } from './dependencies.js';
import { handleProxiedRequest } from './handle-proxied-request.js';
import { createRoutes } from './routes/create-routes.js';
import { listBasePaths } from './routes/list-base-paths.js';

const serverOptions = {
  // A client that sends its headers drop by drop holds a connection for this long.
  headersTimeout: 10_000,
  // The largest upload over a slow line; a trickle is noticed long before.
  requestTimeout: 300_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the load balancers in front keep theirs, so that no request meets a connection that is closing.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16_384,
  // Of a body that is not read yet. 64 kB of one-byte chunks are as many buffers, which block the event loop for 0.3 s.
  highWaterMark: 8_192,
};

/** Proxied paths go straight to their function, everything else to koa. */
export function createListener(deps: ProxyDependencies): RequestListener {
  const { upstreams } = deps.models;
  const basePaths = listBasePaths(upstreams);
  const proxiedPrefixes = upstreams.entries.map(({ name }) => `/${name}/`);
  const answerOwnPaths = createRoutes(deps, basePaths).callback();
  return (request, response) => {
    const target = request.url ?? '';
    const isProxied = proxiedPrefixes.some((prefix) => target.startsWith(prefix)) && !basePaths.has(target);
    // If the body was not read to its end, the connection is closed. Otherwise Node.js would read the rest, however
    // long it is.
    if (hasBody(request) && !(isProxied && request.method === 'POST')) response.setHeader('connection', 'close');
    if (isPreflight(request)) void preflight(deps, request, response);
    else if (isProxied) void handleProxiedRequest(deps, request, response);
    else void answerOwnPaths(request, response);
  };
}

/** The server, with its bounds on slow and malformed senders, whatever answers the rest. */
export function createHttpServer(answerOne: RequestListener): Server {
  const answer = answerInTurn(answerOne);
  const server = createServer(serverOptions, answer);
  // The body is asked for when it is about to be read: not before the token is known.
  server.on('checkContinue', answer);
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => refuseRaw(socket, '405 Method Not Allowed'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuseRaw(socket, rawStatus(error.code));
  });
  return server;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

async function preflight(deps: ProxyDependencies, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await answerPreflight(deps, request, response);
  } catch (error) {
    deps.log.warn({ event: 'preflight_failed', err: error }, 'a preflight could not be answered');
    response.writeHead(503, { 'retry-after': '5' }).end();
  }
}

function rawStatus(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/** For what is no HTTP request: nothing after it on this connection is read, so nothing can hide there. */
function refuseRaw(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}
