import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Readiness, ReadinessReport } from './readiness.js';

/** The delay after which a client should ask again, when the server is not ready. */
const retryAfterSeconds = '5';
/** `/health` is the older name of `/health/ready`. */
const readyPaths = ['/health/ready', '/health'];
const livePath = '/health/live';

/**
 * Answers health checks in every state of the server, and passes all other requests on. A server is live when it
 * answers at all. It is ready when it could serve a request now.
 */
export function answerHealthBefore(readiness: Readiness, answer: RequestListener): RequestListener {
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const isReadyPath = readyPaths.includes(path);
    if (!isReadyPath && path !== livePath) return answer(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(request, response);
    if (!isReadyPath) return send(response, 200, { status: 'ok' });
    void readiness.read().then((report) => sendReport(response, report));
  };
}

function sendReport(response: ServerResponse, { isReady, findings, instance }: ReadinessReport): void {
  if (!isReady) response.setHeader('retry-after', retryAfterSeconds);
  send(response, isReady ? 200 : 503, {
    status: isReady ? 'ok' : 'unready',
    ...(instance !== undefined && { instance }),
    checks: findings,
  });
}

function refuseMethod(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('allow', 'GET, HEAD');
  // The request's body is not read, so the connection cannot be used again.
  if (!request.complete) response.setHeader('connection', 'close');
  send(response, 405, { error: 'method_not_allowed', error_description: 'This path accepts GET only.' });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(text);
}
