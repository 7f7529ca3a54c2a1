import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

interface Page {
  readonly contentType: string;
  readonly addProcess: () => void;
  readonly read: () => Promise<string>;
}

/** Where a failed reading of the metrics is logged. */
export interface MetricsLog {
  readonly warn: (fields: object, message: string) => void;
}

export interface MetricsServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const path = '/metrics';

/**
 * Serves the metrics at `/metrics` on a port of their own, without credentials: the port must not be reachable from
 * outside. Requests that come while the metrics are read share one reading.
 *
 * @param address undefined: the metrics are not served
 */
export async function serveMetrics(
  page: Page,
  address: MetricsAddress | undefined,
  log: MetricsLog,
): Promise<MetricsServer | undefined> {
  if (address === undefined) return undefined;
  page.addProcess();
  let reading: Promise<string> | undefined;
  const read = () => (reading ??= page.read().finally(() => (reading = undefined)));
  const server = createServer((request, response) => {
    const isMetrics = request.url === path;
    if (!isMetrics || (request.method !== 'GET' && request.method !== 'HEAD')) refuse(request, response, isMetrics);
    else void answer(response, { contentType: page.contentType, read }, log);
  });
  await listen(server, address);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function answer(
  response: ServerResponse,
  { contentType, read }: Pick<Page, 'contentType' | 'read'>,
  log: MetricsLog,
): Promise<void> {
  try {
    const text = await read();
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text);
  } catch (error) {
    log.warn({ event: 'metrics_failed', err: error }, 'the metrics could not be read');
    response.writeHead(500).end();
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, isMetrics: boolean): void {
  // the body is not read, so the connection cannot be used again
  if (!request.complete) response.setHeader('connection', 'close');
  if (isMetrics) response.setHeader('allow', 'GET, HEAD');
  response.writeHead(isMetrics ? 405 : 404).end();
}

function listen(server: Server, { host, port }: MetricsAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
