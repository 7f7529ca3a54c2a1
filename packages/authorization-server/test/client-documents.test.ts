import type { ServerResponse } from 'node:http';
import { countAttempt } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { readCacheLifetime } from '../src/documents/cache-lifetime.js';
import { parseClientDocumentUrl } from '../src/documents/client-document-url.js';
import { DocumentUnreadable, fetchDocument } from '../src/documents/fetch-document.js';
import { isPublicIpAddress } from '../src/documents/is-public-ip-address.js';
import { deviceGrantType } from '../src/oidc/offered.js';
import { Browser } from './support/browser.js';
import { buildRequest, connect, redirectUri, refresh, type TestClient, usualScope } from './support/client.js';
import { type DocumentHost, openCanary, openDocumentHost } from './support/document-host.js';
import { json, send } from './support/http.js';
import { makeIdTokenKeys } from './support/id-token-key.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let host: DocumentHost;
let server: TestServer;
beforeAll(async () => {
  host = await openDocumentHost();
  const clientDocuments = { enabled: true, trustedHosts: [host.host] };
  const idTokenKeys = await makeIdTokenKeys();
  server = await startTestServer({ replicas: 2, configuration: { clientDocuments, idTokenKeys } });
});
afterAll(async () => {
  await server.close();
  await host.close();
});

let published = 0;
/** Publishes a valid document with these members changed. */
function publish(changes: Readonly<Record<string, unknown>> = {}, headers: Readonly<Record<string, string>> = {}) {
  published += 1;
  const path = `/apps/${published}/client.json`;
  const id = `https://${host.host}${path}`;
  const document = { client_id: id, client_name: 'Documented App', redirect_uris: [redirectUri], ...changes };
  host.serve(path, (_request: unknown, response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document)),
  );
  return { id, secret: undefined, redirectUri, path } satisfies TestClient & { path: string };
}

function countFetches({ path }: { readonly path: string }): number {
  return host.fetched.filter((one) => one === path).length;
}

/** Makes the stored copy of a document stale, as if it had become stale so many seconds ago. */
async function expire({ id }: TestClient, seconds = 1): Promise<void> {
  await server.db
    .updateTable('client_documents')
    .set({ fresh_until: new Date(Date.now() - seconds * 1_000) })
    .where('client_id', '=', id)
    .execute();
}

it('a client whose identifier is the URL of its metadata gets tokens; both replicas share one fetch', async () => {
  const app = publish({}, { 'cache-control': 'max-age=3600' });
  const { browser } = await createOwner(server);
  const page = await browser.open((await buildRequest(server, app)).url);
  expect(page.text).toContain('Documented App');
  expect(page.text).toContain(`Published by <bdi>${host.host}</bdi>`);
  const tokens = await connect(server, browser, app);
  expect(tokens.access_token).toContain('.');
  const pushed = await send(`${server.urls[1]}/authorize?${(await buildRequest(server, app)).url.searchParams}`, {
    headers: { host: new URL(server.issuer).host },
  });
  expect(pushed.status).toBe(303);
  expect((await refresh(server, app, tokens.refresh_token, { url: server.urls[1] ?? '' })).status).toBe(200);
  expect(countFetches(app)).toBe(1);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('C3: the owner is asked for consent every time if the client is known only by its document', async () => {
  const app = publish({ client_uri: `https://${host.host}/` });
  const { browser } = await createOwner(server);
  await connect(server, browser, app);
  const again = await browser.open((await buildRequest(server, app)).url);
  expect([again.url.origin, again.text.includes('wants to use your AI account')]).toEqual([server.issuer, true]);
});

it('ID tokens are signed with the algorithm that the document names, or with RS256, as for registered clients', async () => {
  const { browser } = await createOwner(server);
  for (const [named, algorithm] of [
    [undefined, 'RS256'],
    ['RS256', 'RS256'],
    ['ES256', 'ES256'],
  ]) {
    const app = publish({ id_token_signed_response_alg: named });
    const tokens: object = await connect(server, browser, app, { scope: `openid ${usualScope}` });
    const { id_token: idToken } = tokens as { readonly id_token: string };
    expect([named, decodeProtectedHeader(idToken).alg]).toEqual([named, algorithm]);
  }
});

it('a document is stored like a registration, and cannot set the members that only this server may set', async () => {
  const grants = { grant_types: ['authorization_code', deviceGrantType] };
  const ours = { new_grant_types: ['implicit'], id_token_alg: 'none', registered_by: 'operator' };
  const app = publish({ ...grants, ...ours, aipassport_profile: 'fapi_2_0' });
  expect((await new Browser(server.issuer).open((await buildRequest(server, app)).url)).status).toBe(200);
  const row = await server.db.selectFrom('clients').selectAll().where('id', '=', app.id).executeTakeFirstOrThrow();
  expect(row).toMatchObject({
    registered_by: 'registration',
    // A server of the previous release refuses a client whose standard members have values that it does not know. So
    // such values are stored in other members.
    metadata: { grant_types: ['authorization_code'], new_grant_types: [deviceGrantType], id_token_alg: 'RS256' },
  });
  for (const member of ['id_token_signed_response_alg', 'registered_by', 'aipassport_profile'])
    expect(row.metadata).not.toHaveProperty(member);
});

it('if both replicas read a new document at once, the audit log has one new client', async () => {
  const app = publish();
  const { url } = await buildRequest(server, app);
  const headers = { host: url.host };
  const ask = async (replica: string) => (await send(`${replica}${url.pathname}${url.search}`, { headers })).status;
  expect(await Promise.all([...server.urls, ...server.urls].map(ask))).toEqual([303, 303, 303, 303]);
  await expire(app);
  expect(await ask(server.issuer)).toBe(303);
  const events = server.db.selectFrom('audit_events').select('event').where('client_id', '=', app.id);
  expect(await events.execute()).toEqual([{ event: 'client_registered' }]);
});

it('a document that is no longer fresh is read again, and its new content applies', async () => {
  const app = publish();
  await new Browser(server.issuer).open((await buildRequest(server, app)).url);
  host.serve(app.path, { client_id: app.id, redirect_uris: ['https://other.example/cb'] });
  await expire(app);
  const refused = await new Browser(server.issuer).open((await buildRequest(server, app)).url);
  expect([refused.status, countFetches(app)]).toEqual([400, 2]);
  const other = { ...app, redirectUri: 'https://other.example/cb' };
  expect((await new Browser(server.issuer).open((await buildRequest(server, other)).url)).status).toBe(200);
});

it('a client whose document was withdrawn cannot begin a new request; its earlier tokens can still be refreshed', async () => {
  const app = publish();
  const { browser } = await createOwner(server);
  const tokens = await connect(server, browser, app);
  host.serve(app.path, (_request: unknown, response: ServerResponse) => response.writeHead(410).end());
  await expire(app);
  const page = await browser.open((await buildRequest(server, app)).url);
  expect(page.status).toBe(400);
  expect(page.text).toContain('its host did not answer with the status 200');
  expect((await refresh(server, app, tokens.refresh_token)).status).toBe(200);
});

/** The ways in which a host can fail for a while. */
const outages: Readonly<Record<string, (request: unknown, response: ServerResponse) => void>> = {
  'closes the connection': (_request, response) => void response.destroy(),
  'answers 503': (_request, response) => void response.writeHead(503).end(),
  'answers 429': (_request, response) => void response.writeHead(429, { 'retry-after': '3600' }).end(),
};

it.each(Object.keys(outages))(
  'a known client can be used for a day while the host of its document %s',
  async (outage) => {
    const app = publish();
    const ask = async () => (await new Browser(server.issuer).open((await buildRequest(server, app)).url)).status;
    expect(await ask()).toBe(200);
    host.serve(app.path, outages[outage]);
    await expire(app, 23 * 60 * 60);
    expect([await ask(), countFetches(app)]).toEqual([200, 2]);
    await expire(app, 25 * 60 * 60);
    expect([await ask(), countFetches(app)]).toEqual([400, 3]);
  },
);

it('a known client can still be used when its document was fetched too often during an outage', async () => {
  const app = publish();
  const ask = async () => (await new Browser(server.issuer).open((await buildRequest(server, app)).url)).status;
  expect(await ask()).toBe(200);
  host.serve(app.path, outages['answers 503']);
  await expire(app, 60);
  const fetches = { key: `document-known:${app.id}`, limit: 60, windowSeconds: 600 };
  for (let count = 0; count < 60; count += 1) await countAttempt(server.db, fetches);
  expect([await ask(), countFetches(app)]).toEqual([200, 1]);
});

it.each([404, 410, 200])(
  'after the host answered %d without a valid document, the client is also refused during an outage',
  async (status) => {
    const app = publish();
    const ask = async () => (await new Browser(server.issuer).open((await buildRequest(server, app)).url)).status;
    expect(await ask()).toBe(200);
    host.serve(app.path, (_request: unknown, response: ServerResponse) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}'),
    );
    await expire(app, 60);
    expect(await ask()).toBe(400);
    host.serve(app.path, outages['answers 503']);
    expect(await ask()).toBe(400);
  },
);

it('refuses documents that are not about this client, use a secret, or have redirect URIs or a name that cannot be accepted', async () => {
  const bad: readonly Readonly<Record<string, unknown>>[] = [
    { client_id: 'https://app.example/other.json' },
    { client_id: undefined },
    { client_secret: 'secret' },
    { token_endpoint_auth_method: 'client_secret_basic' },
    { token_endpoint_auth_method: 'client_secret_post' },
    { token_endpoint_auth_method: 'client_secret_jwt' },
    { redirect_uris: undefined },
    { redirect_uris: [] },
    { redirect_uris: redirectUri },
    { redirect_uris: [7] },
    { redirect_uris: ['http://app.example/cb'] },
    { redirect_uris: ['javascript:alert(1)'] },
    { client_name: 'A\u3164B' },
    { client_name: 7 },
    { client_name: 'x'.repeat(101) },
  ];
  for (const changes of bad) {
    const app = publish(changes);
    const page = await new Browser(server.issuer).open((await buildRequest(server, app)).url);
    expect([changes, page.status, page.text.includes('is not valid')]).toEqual([changes, 400, true]);
    const row = await server.db.selectFrom('clients').select('id').where('id', '=', app.id).executeTakeFirst();
    expect(row).toBeUndefined();
  }
});

it('refuses answers that are redirects, too large, compressed, not JSON, or too slow', async () => {
  const text = 'x'.repeat(6_000);
  const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
    'did not answer with the status 200': (response) =>
      response.writeHead(302, { location: `https://${host.host}/apps/1/client.json` }).end(),
    'is too large': (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    'is not JSON': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('{}'),
    'the document is not JSON': (response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'br' }).end('{}'),
    'took too long': (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
  };
  for (const [words, answer] of Object.entries(answers)) {
    const app = publish();
    host.serve(app.path, (_request: unknown, response: ServerResponse) => answer(response));
    const page = await new Browser(server.issuer).open((await buildRequest(server, app)).url);
    expect([words, page.status, page.text.includes(words)]).toEqual([words, 400, true]);
  }
});

it('SSRF: refuses every IP address that is not public, in any spelling and at any port, and does not connect to it', async () => {
  const canary = await openCanary();
  const { port } = canary;
  const hosts = [
    'localhost',
    'localhost.',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '[fd00::1]',
    '[ff02::1]',
    '１２７.0.0.1',
    'localhost%2e',
  ];
  for (const name of hosts)
    for (const suffix of ['', `:${port}`]) {
      const url = URL.parse(`https://${name}${suffix}/client.json`);
      if (url === null) continue; // not a URL, so it cannot be a client identifier
      const outcome = await fetchDocument({
        url,
        accepts: { header: 'application/json', contentType: /json/ },
        maxBytes: 5_000,
        timeoutMilliseconds: 3_000,
        trustedHosts: [],
      }).catch((error: unknown) => error);
      // some names do not resolve everywhere
      const problems = ['address_refused', ...(/^localhost./.test(name) ? ['unreachable'] : [])];
      expect(outcome).toBeInstanceOf(DocumentUnreadable);
      expect(problems).toContain((outcome as DocumentUnreadable).problem);
    }
  expect(canary.connections).toBe(0);
  canary.close();
});

it.each([
  ['8.8.8.8', true],
  ['2606:4700::1111', true],
  ['127.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['192.0.2.1', false],
  ['198.18.0.1', false],
  ['240.0.0.1', false],
  ['255.255.255.255', false],
  ['2001:db8::1', false],
  ['2001::1', false],
  ['64:ff9b::808:808', false],
  ['fec0::1', false],
  ['4000::1', false],
  ['example.com', false],
])('the IP address %s is public: %p', (address, isPublic) => expect(isPublicIpAddress(address)).toBe(isPublic));

it.each([
  ['https://app.example/client.json', true],
  ['https://app.example/client.json?v=1', true],
  ['https://app.example:8443/c', true],
  ['http://app.example/client.json', false],
  ['https://app.example/', false],
  ['https://app.example', false],
  ['https://app.example/a/../client.json', false],
  ['https://app.example/a/%2e%2e/client.json', false],
  ['https://app.example/client.json#x', false],
  ['https://user@app.example/client.json', false],
  ['https://APP.example/client.json', false],
  ['https://app.example:443/client.json', false],
  ['https://app.example/a b', false],
  ['https:\\\\app.example\\c', false],
  [`https://app.example/${'x'.repeat(500)}`, false],
  ['an-identifier', false],
])('the client identifier %s may be the URL of a document: %p', (identifier, may) =>
  expect(parseClientDocumentUrl(identifier) !== undefined).toBe(may),
);

it.each([
  [undefined, 300],
  ['max-age=600', 600],
  ['public, max-age="7200"', 7_200],
  ['max-age=5', 60],
  ['max-age=99999999', 86_400],
  ['no-store', 60],
  ['no-cache, max-age=600', 60],
  ['private', 300],
])('a document with the header %p is fresh for %p s', (header, seconds) =>
  expect(readCacheLifetime(header)).toBe(seconds),
);

it('the fetches that one network causes are limited, over all replicas; documents that are fresh do not count', async () => {
  await server.db.deleteFrom('attempts').execute();
  const known = publish({}, { 'cache-control': 'max-age=3600' });
  await new Browser(server.issuer).open((await buildRequest(server, known)).url);
  const statuses = new Set<number>();
  for (let round = 0; round < 62; round += 1) {
    const { url } = await buildRequest(server, { ...known, id: `https://${host.host}/missing/${round}` });
    const { port } = new URL(server.urls[round % 2] ?? '');
    const answer = await send(Object.assign(url, { port }), { headers: { host: new URL(server.issuer).host } });
    statuses.add(answer.status);
  }
  expect([...statuses]).toEqual([400, 429]);
  expect(host.fetched.filter((path) => path.startsWith('/missing/'))).toHaveLength(59);
  expect((await new Browser(server.issuer).open((await buildRequest(server, known)).url)).status).toBe(200);
});

it('the metadata says whether documents are read; if they are not, no document is fetched', async () => {
  const metadata = json(await send(`${server.issuer}/.well-known/oauth-authorization-server`));
  expect(metadata['client_id_metadata_document_supported']).toBe(true);
  expect(metadata['token_endpoint_auth_methods_supported']).toContain('none');
  const closed = await startTestServer({
    configuration: { clientDocuments: { enabled: false, trustedHosts: [host.host] } },
  });
  const app = publish();
  const page = await new Browser(closed.issuer).open((await buildRequest(closed, app)).url);
  expect([page.status, countFetches(app)]).toEqual([400, 0]);
  const other = json(await send(`${closed.issuer}/.well-known/oauth-authorization-server`));
  expect(other['client_id_metadata_document_supported']).toBe(false);
  await closed.close();
});
