import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type SnippetValues, writeSnippets } from '../src/developers/snippets/write-snippets.js';
import type { TestClient } from './support/client.js';
import { clientPath, registerClient } from './support/own-client.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

/** Answers in place of the resource proxy, and adds the header `Authorization` of each request to `authorizations`. */
let proxy: Server;
const authorizations: string[] = [];
let server: TestServer;
let developer: Owner;
let directory: string;
beforeAll(async () => {
  proxy = createServer((request, response) => {
    authorizations.push(request.headers.authorization ?? '');
    response.setHeader('content-type', 'application/json').end('{"answer":"Hello."}');
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const resourceProxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  server = await startTestServer({ configuration: { resourceProxyUrl } });
  developer = await createOwner(server);
  // inside the package, so that the program finds openid-client
  directory = await mkdtemp(fileURLToPath(new URL('../snippet-', import.meta.url)));
});
afterAll(async () => {
  await server.close();
  proxy.close();
  await rm(directory, { recursive: true });
});

/** The program that the client's page shows, in one language. */
async function readSnippet(client: TestClient, language: string): Promise<string> {
  const { text } = await developer.browser.open(clientPath(client));
  const shown = new RegExp(`<summary>${language}</summary><pre[^>]*><code>([^<]*)</code>`).exec(text)?.[1] ?? '';
  return shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

async function run(client: TestClient, language: 'JavaScript' | 'curl'): Promise<string> {
  const file = path.join(directory, language === 'curl' ? 'run.sh' : 'run.mjs');
  await writeFile(file, await readSnippet(client, language));
  const [command, ...args] = language === 'curl' ? ['sh', file] : [process.execPath, file];
  const env = { ...process.env, CLIENT_SECRET: client.secret ?? '' };
  const child = spawn(command ?? '', args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close');
  let isAllowed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    const address = /Open this URL: (\S+)\s/.exec(output)?.[1];
    if (address === undefined || isAllowed) return;
    isAllowed = true;
    void allow(address).then((back) => child.stdin.end(`${back}\n`));
  });
  await ended;
  return output;
}

/** Opens the URL as the developer, and allows the request. @returns the URL to which the browser was sent */
async function allow(address: string): Promise<string> {
  const { browser } = developer;
  const page = await browser.open(address);
  const isDevice = page.url.pathname.startsWith('/device');
  const shown = isDevice && page.url.pathname === '/device' ? await browser.submit(page, '/device') : page;
  return (await browser.submit(shown, `${shown.url.pathname}/consent`, { decision: 'allow' })).url.href;
}

it.each(['JavaScript', 'curl'] as const)(
  'the program in %s for a website gets a token and sends a request',
  async (language) => {
    const client = await registerClient(developer.browser);
    const before = authorizations.length;
    expect(await run(client, language)).toMatch(/Hello\./);
    expect(authorizations.slice(before)).toEqual([expect.stringMatching(/^Bearer eyJ/)]);
  },
);

it.each(['JavaScript', 'curl'] as const)(
  'the program in %s for a client without a secret gets a token and sends a request',
  async (language) => {
    const client = await registerClient(developer.browser, {
      type: 'spa',
      redirect_uris: 'http://localhost:5173/callback',
    });
    expect(await run(client, language)).toMatch(/Hello\./);
  },
);

it.each(['JavaScript', 'curl'] as const)(
  'the program in %s for a command line gets a token by the device flow and sends a request',
  async (language) => {
    const client = await registerClient(developer.browser, { type: 'terminal', redirect_uris: '' });
    expect(await run(client, language)).toMatch(/Hello\./);
  },
);

it('each program contains the URLs of both servers and the id of the client, but not its secret', async () => {
  const client = await registerClient(developer.browser);
  for (const language of ['JavaScript', 'Python', 'Go', 'curl']) {
    const text = await readSnippet(client, language);
    for (const value of [server.issuer, server.configuration.resourceProxyUrl, client.id])
      expect([language, text.includes(value)]).toEqual([language, true]);
    expect(text).not.toContain(client.secret);
    expect(text).toContain('CLIENT_SECRET');
  }
});

it('no redirect URI of a client can break out of the string in the code example that contains it', () => {
  const hostile = 'https://app.example/\'"$(id)`id`${id}';
  const values: SnippetValues = {
    issuer: 'https://as.example',
    resourceProxyUrl: 'https://proxy.example',
    clientId: 'x'.repeat(22),
    hasSecret: true,
    redirectUri: hostile,
  };
  for (const { language, text } of writeSnippets(values)) {
    const written = language === 'curl' ? `'${hostile.replaceAll("'", "'\\''")}'` : JSON.stringify(hostile);
    expect([language, text.includes(written)]).toEqual([language, true]);
  }
});
