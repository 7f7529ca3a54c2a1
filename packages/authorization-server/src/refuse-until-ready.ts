import type { IncomingMessage, ServerResponse } from 'node:http';

const body = JSON.stringify({
  error: 'temporarily_unavailable',
  error_description: 'The server cannot reach its database at the moment. Try again in a few seconds.',
});

/** Answers whatever is asked before the database has been: health checks see a server that is there and cannot serve. */
export function refuseUntilReady(request: IncomingMessage, response: ServerResponse): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '5' };
  response.writeHead(503, { ...headers, connection: 'close' }).end(body);
  // What is still sent of a body is dropped, so that the answer is read before the connection ends.
  request.resume();
}
