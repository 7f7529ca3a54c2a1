import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The number of requests that may wait on one connection. If a client sends more, the connection is closed. */
const maxWaiting = 32;

/**
 * Handles the requests of one connection one after the other, each in its own turn of the event loop. By default
 * Node.js starts each request as soon as it is parsed, so a thousand pipelined requests would all start before the
 * requests of other connections. The answers are sent in order in any case.
 */
export function answerInTurn(answer: RequestListener): RequestListener {
  const waitingOf = new WeakMap<Socket, (() => void)[]>();
  const begin = (request: IncomingMessage, response: ServerResponse, waiting: (() => void)[]) => {
    response.once('close', () =>
      setImmediate(() => {
        // The connection has ended: release the requests that were waiting.
        if (request.socket.destroyed) waiting.length = 0;
        const next = waiting.shift();
        if (next === undefined) waitingOf.delete(request.socket);
        else next();
      }),
    );
    answer(request, response);
  };
  return (request, response) => {
    const { socket } = request;
    const waiting = waitingOf.get(socket);
    if (waiting === undefined) {
      const following: (() => void)[] = [];
      waitingOf.set(socket, following);
      return begin(request, response, following);
    }
    if (socket.destroyed) return;
    waiting.push(() => begin(request, response, waiting));
    if (waiting.length <= maxWaiting) return;
    waiting.length = 0;
    socket.destroy();
  };
}
