import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { json, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  owner = await createOwner(server);
});
afterAll(() => server.close());

/** Returns the consent page of a client that the operator stored with this metadata. */
async function show(metadata: Readonly<Record<string, string>>): Promise<string> {
  const client = await addClient(server, { metadata });
  return (await owner.browser.open((await buildRequest(server, client)).url)).text;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('C2: the consent page links to the app’s pages, names their hosts, and sends them no Referer', async () => {
  const text = await show({
    client_uri: 'https://app.example/',
    policy_uri: 'https://app.example/privacy?a=1&b="><script>',
    tos_uri: 'https://legal.example:8443/terms',
  });
  expect(readText(text)).toMatch(
    /About the app: Website at app\.example Privacy policy at app\.example Terms of use at legal\.example:8443/,
  );
  const links = [...text.matchAll(/<a [^>]*href="https:[^>]*>/g)].map(([link]) => link);
  expect(links.length).toBe(3);
  for (const link of links) {
    expect(link).toContain('rel="noopener noreferrer"');
    expect(link).toContain('referrerpolicy="no-referrer"');
  }
  expect(text).not.toMatch(/<script(?! src="\/assets\/)/);
});

it.each([
  'http://app.example/privacy',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://user:password@app.example/',
  `https://app.example/${'x'.repeat(2_000)}`,
  'not an address',
])('C2: a forbidden URL, stored by an earlier release, is not shown as a link (case %#)', async (address) => {
  const text = await show({ client_uri: address, policy_uri: address, tos_uri: address });
  expect(text).not.toContain('About the app');
  expect(text).not.toContain(address);
});

it('C2: the browser never loads a logo from the app’s host', async () => {
  const text = await show({ logo_uri: 'https://app.example/logo.png' });
  expect(text).not.toMatch(/<img|logo\.png/);
});

it('a registration leaves out links that are not https, and its answer shows which links were stored', async () => {
  const body = JSON.stringify({
    redirect_uris: ['https://app.example/cb'],
    client_name: 'Linked',
    client_uri: 'http://localhost:3000',
    logo_uri: 'http://app.example/logo.png',
    tos_uri: 'ftp://app.example/terms',
    policy_uri: 'https://app.example/privacy',
  });
  const headers = { 'content-type': 'application/json' };
  const answer = await send(`${server.issuer}/register`, { method: 'POST', headers, body });
  expect(answer.status).toBe(201);
  const registered = json(answer);
  expect(['client_uri', 'logo_uri', 'tos_uri', 'policy_uri'].map((member) => registered[member])).toEqual([
    undefined,
    undefined,
    undefined,
    'https://app.example/privacy',
  ]);
});
