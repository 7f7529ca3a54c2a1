import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { locateExample } from './example-process.js';

/** The handlers of one route of the Next.js example, by method. They take a Request and return a Response. */
type Route = Readonly<Record<string, ((request: Request) => Promise<Response>) | undefined>>;

const origin = process.env['ORIGIN'] ?? '';
const names = ['connect', 'callback', 'chat', 'raise', 'disconnect'];
const routes = new Map<string, Route>();
for (const name of names)
  routes.set(`/ai/${name}`, (await import(locateExample(`nextjs/app/ai/${name}/route.js`))) as Route);

createServer((request, response) => void answer(request, response)).listen(Number(process.env['PORT']), () =>
  process.stdout.write(`${origin}\n`),
);

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '', origin);
  const { method = 'GET', headers } = incoming;
  const body = method === 'POST' ? { body: Readable.toWeb(incoming) as never, duplex: 'half' } : {};
  const request = new Request(url, { method, headers: headers as Record<string, string>, ...body });
  const response = (await routes.get(url.pathname)?.[method]?.(request)) ?? new Response('The home page.');
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (response.body === null) outgoing.end();
  else Readable.fromWeb(response.body as ReadableStream).pipe(outgoing);
}
