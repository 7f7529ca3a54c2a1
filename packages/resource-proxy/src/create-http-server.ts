import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerInTurn } from './answer-in-turn.js';
import { answerPreflight, isPreflight } from './cors/allow-origin.js';
import { describeDenial } from './denials/describe-denial.js';
import type { ProxyDependencies } from './dependencies.js';
import { handleProxiedRequest } from './handle-proxied-request.js';
import { createRoutes } from './routes/create-routes.js';
import { listBasePaths } from './routes/list-base-paths.js';

const serverOptions = {
  // A client that sends its headers slowly occupies a connection for at most this long.
  headersTimeout: 10_000,
  // Enough for the largest upload over a slow connection. A body that arrives too slowly is refused much earlier.
  requestTimeout: 300_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the keep-alive time of load balancers, so that none of them sends a request on a connection that this
  // server is closing.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16_384,
  // The number of bytes that are buffered of a body that is not read yet. The default of Node.js is 64 kB. If 64 kB
  // arrive in chunks of one byte, they become 65,536 buffers, and reading these buffers blocks the event loop for 300
  // milliseconds.
  highWaterMark: 8_192,
};

/** Answers preflight requests and requests with a proxied path directly, and all other requests with koa. */
export function createListener(deps: ProxyDependencies): RequestListener {
  const { upstreams } = deps.models;
  const basePaths = listBasePaths(upstreams);
  const proxiedPrefixes = upstreams.entries.map(({ name }) => `/${name}/`);
  const answerOwnPaths = createRoutes(deps, basePaths).callback();
  return (request, response) => {
    const target = request.url ?? '';
    const isProxied = proxiedPrefixes.some((prefix) => target.startsWith(prefix)) && !basePaths.has(target);
    // Only proxied POST requests have their body read. After any other request with a body, the connection is closed,
    // because Node.js would otherwise read the whole body, however long it is.
    if (hasBody(request) && !(isProxied && request.method === 'POST')) response.setHeader('connection', 'close');
    if (isPreflight(request)) void preflight(deps, request, response);
    else if (isProxied) void handleProxiedRequest(deps, request, response);
    else void answerOwnPaths(request, response);
  };
}

/** Creates the server with its limits for slow and malformed requests. `answerOne` answers all other requests. */
export function createHttpServer(answerOne: RequestListener): Server {
  const answer = answerInTurn(answerOne);
  const server = createServer(serverOptions, answer);
  // `100 Continue` is sent when the body is about to be read, and not before the token is verified.
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
    deps.log.warn({ event: 'preflight_failed', err: error }, 'a preflight request could not be answered');
    const { status, headers } = describeDenial({ reason: 'database_unavailable' });
    response.writeHead(status, headers).end();
  }
}

function rawStatus(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/**
 * Refuses `CONNECT`, and bytes that Node.js cannot read as a request, and closes the connection. The remaining bytes
 * are not read, so that a request that is smuggled in them is not answered.
 */
function refuseRaw(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}
