import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port of this machine to which the owner's browser is redirected (RFC 8252 section 7.3). */
export interface LoopbackListener {
  readonly redirectUri: string;
  /** Waits for the callback with this `state`. Other requests are answered with 404. */
  waitForCallback(state: string, signal?: AbortSignal): Promise<URL>;
  close(): void;
}

/** Listens on a free port of 127.0.0.1: other machines cannot reach it. */
export async function openLoopbackListener(): Promise<LoopbackListener> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it is a string only for sockets in the file system
  const redirectUri = `http://127.0.0.1:${port}/callback`;
  return {
    redirectUri,
    waitForCallback: (state, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted(); // an aborted signal fires no further event
        const giveUp = () => reject(signal?.reason);
        signal?.addEventListener('abort', giveUp, { once: true });
        server.on('request', (request: IncomingMessage, response: ServerResponse) => {
          const url = URL.parse(request.url ?? '', redirectUri);
          const isCallback = url?.pathname === '/callback' && url.searchParams.get('state') === state;
          response.writeHead(isCallback ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' });
          response.end(isCallback ? 'Go back to the terminal. You can close this page.\n' : 'Not found.\n');
          if (!isCallback) return;
          signal?.removeEventListener('abort', giveUp);
          resolve(url);
        });
      }),
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}
