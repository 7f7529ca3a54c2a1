import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * By default, Linux and macOS take no ports from this range for outgoing connections. A port of another range could be
 * taken by an outgoing connection after our check, before the program that needs the port has started.
 */
const [firstPort, lastPort] = [20_000, 32_767];
const maxAttempts = 100;

/** The ports that were tried. A returned port looks free until its program has started, so no port is tried again. */
const found = new Set<number>();

/**
 * Finds a port that is free on 127.0.0.1 now, and another one each time. Another process may take it before it is used.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const port = randomInt(firstPort, lastPort + 1);
    if (found.has(port)) continue;
    found.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${firstPort} to ${lastPort} seems to be free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
