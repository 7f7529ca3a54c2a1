import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../src/free-port.js';
import { root } from './compose-files.js';
import { waitUntil } from './wait-until.js';

const isInstalled = spawnSync('caddy', ['version']).error === undefined;
const note = isInstalled ? '' : ' (skipped: there is no caddy here)';

/** A server that is ready while `ready` is true, and keeps the requests that it gets. */
interface Server {
  readonly address: string;
  readonly requests: { readonly request: IncomingMessage; readonly response: ServerResponse }[];
  isReady: boolean;
  readonly close: () => void;
}

async function startServer(): Promise<Server> {
  const requests: Server['requests'] = [];
  const listening = createServer((request, response) => {
    if (request.url === '/health/ready') response.writeHead(server.isReady ? 200 : 503).end();
    else requests.push({ request, response });
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const server: Server = {
    address: `127.0.0.1:${(listening.address() as AddressInfo).port}`,
    requests,
    isReady: true,
    close: () => {
      listening.closeAllConnections();
      listening.close();
    },
  };
  return server;
}

(isInstalled ? describe : describe.skip)(`deploy/compose/Caddyfile, run by a real Caddy${note}`, () => {
  const servers: Server[] = [];
  let port = 0;
  let authority = '';
  let directory = '';
  let caddy: ReturnType<typeof spawn>;

  beforeAll(async () => {
    servers.push(await startServer(), await startServer());
    directory = mkdtempSync(path.join(tmpdir(), 'aipassport-caddy-'));
    port = await freePort();
    const [first = '', second = ''] = servers.map(({ address }) => address);
    const text = readFileSync(new URL('deploy/compose/Caddyfile', root), 'utf8')
      .replaceAll(/\b[a-z-]+-1:\d+/g, first)
      .replaceAll(/\b[a-z-]+-2:\d+/g, second)
      .replace('admin off', 'admin off\nauto_https disable_redirects');
    const file = path.join(directory, 'Caddyfile');
    writeFileSync(file, text);
    const places = { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory, PATH: process.env['PATH'] };
    const sites = { ISSUER: `https://localhost:${await freePort()}`, RESOURCE_PROXY_URL: `https://localhost:${port}` };
    caddy = spawn('caddy', ['run', '--config', file], { env: { ...places, ...sites }, stdio: 'ignore' });
    authority = path.join(directory, 'caddy/pki/authorities/local/root.crt');
    await waitUntil(() => existsSync(authority));
    await waitUntil(isServing);
  });

  afterAll(async () => {
    for (const server of servers) server.close();
    caddy.kill('SIGKILL');
    if (caddy.exitCode === null) await once(caddy, 'exit');
    rmSync(directory, { recursive: true });
  });

  /** Sends a request, and checks the server's certificate against Caddy's own authority. */
  function send(headers: Record<string, string> = {}) {
    const sent = request({
      host: 'localhost',
      port,
      method: 'POST',
      headers,
      ca: readFileSync(authority),
      agent: false,
    });
    sent.on('error', () => undefined);
    sent.end('{}');
    return sent;
  }

  const received = () => servers.flatMap(({ requests }) => requests);
  async function nextRequest() {
    await waitUntil(() => received().length > 0);
    const [first] = received();
    for (const { requests } of servers) requests.length = 0;
    if (first === undefined) throw new Error('no request arrived');
    return first;
  }

  async function isServing(): Promise<boolean> {
    const sent = send();
    const answered = await new Promise<boolean>((resolve) => {
      sent.once('error', () => resolve(false));
      void waitUntil(() => received().length > 0).then(
        () => resolve(true),
        () => resolve(false),
      );
    });
    if (answered) (await nextRequest()).response.end();
    return answered;
  }

  it('replaces the X-Forwarded-For of a client with its address, and keeps the Host', async () => {
    const sent = send({ 'x-forwarded-for': '192.0.2.7' });
    const { request: arrived, response } = await nextRequest();
    expect(arrived.headers['x-forwarded-for']).toMatch(/^(127\.0\.0\.1|::1)$/);
    expect(arrived.headers.host).toBe(`localhost:${port}`);
    response.end();
    await once(sent, 'response');
  });

  it('passes on each part of a stream before the next one is sent', async () => {
    const sent = send();
    const { response } = await nextRequest();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: one\n\n');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(String((await once(answer, 'data'))[0])).toBe('data: one\n\n');
    response.write('data: two\n\n');
    expect(String((await once(answer, 'data'))[0])).toBe('data: two\n\n');
    response.end();
  });

  it('tells the server that a client has left a stream', async () => {
    const sent = send();
    const { response } = await nextRequest();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: one\n\n');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    const left = once(response, 'close');
    sent.destroy();
    await left;
    expect(response.writableFinished).toBe(false);
  });

  it('sends requests only to the server that is ready', async () => {
    const [ready, other] = servers;
    if (ready === undefined || other === undefined) throw new Error('a server is missing');
    other.isReady = false;
    // Caddy has noticed when several requests in a row have reached only the ready server
    await waitUntil(async () => {
      const before = await Promise.all(Array.from({ length: 8 }, () => answerOne()));
      return before.every((server) => server === ready);
    });
    other.isReady = true;
    await waitUntil(async () => (await answerOne()) === other);
  });

  async function answerOne(): Promise<Server | undefined> {
    const sent = send();
    const answered = once(sent, 'response');
    await waitUntil(() => received().length > 0);
    const server = servers.find(({ requests }) => requests.length > 0);
    server?.requests.shift()?.response.end();
    const [answer] = (await answered) as [IncomingMessage];
    answer.resume();
    return server;
  }
});
