import type { ServerResponse } from 'node:http';
import { hashSecret } from '@aipassport/store';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Browser } from './support/browser.js';
import { addClient, buildRequest, redirectUri } from './support/client.js';
import { type DocumentHost, openDocumentHost } from './support/document-host.js';
import { type Answer, postForm, send } from './support/http.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let host: DocumentHost;
let server: TestServer;
beforeAll(async () => {
  host = await openDocumentHost();
  const clientDocuments = { enabled: true, trustedHosts: [host.host] };
  server = await startTestServer({ replicas: 2, configuration: { clientDocuments, trustedProxyHops: 1 } });
});
afterAll(async () => {
  await server.close();
  await host.close();
});
beforeEach(async () => {
  await server.db.deleteFrom('attempts').execute();
});

const terminal = { grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'] };

let published = 0;
/** Publishes a document with these members; `text` replaces the JSON. */
function publish(members: Readonly<Record<string, unknown>> = {}, text?: (id: string) => string) {
  published += 1;
  const path = `/hostile/${published}.json`;
  const id = `https://${host.host}${path}`;
  const body = text?.(id) ?? JSON.stringify({ client_id: id, redirect_uris: [redirectUri], ...members });
  host.serve(path, (_request: unknown, response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(body),
  );
  return { id, secret: undefined, redirectUri, path };
}

const countFetches = (path: string) => host.fetched.filter((one) => one === path).length;

async function expire(id: string): Promise<void> {
  await server.db
    .updateTable('client_documents')
    .set({ fresh_until: new Date(0) })
    .where('client_id', '=', id)
    .execute();
}

/** Begins a request at one of the replicas, from this IP address. */
async function begin(id: string, from: string, replica = 0): Promise<Answer> {
  const { url } = await buildRequest(server, { id, secret: undefined, redirectUri });
  const { port } = new URL(server.urls[replica] ?? '');
  const headers = { host: new URL(server.issuer).host, accept: 'text/html', 'x-forwarded-for': from };
  return send(Object.assign(url, { port }), { headers });
}

it('a document with text that cannot be stored is refused, and the answer says that it is not valid', async () => {
  for (const text of [String.raw`a\u0000b`, String.raw`a\ud800b`]) {
    const app = publish({}, (id) => `{"client_id":"${id}","redirect_uris":["${redirectUri}"],"client_uri":"${text}"}`);
    const page = await new Browser(server.issuer).open((await buildRequest(server, app)).url);
    expect([text, page.status, page.text.includes('is not valid')]).toEqual([text, 400, true]);
  }
});

it('a document whose members oidc-provider refuses is answered with 400 and a reason', async () => {
  for (const [members, reason] of [
    [{ token_endpoint_auth_method: 'private_key_jwt' }, 'is not valid'],
    [{ jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, 'is not valid'],
    [{ token_endpoint_auth_method: 'tls_client_auth' }, 'is not valid'],
    [{ response_types: ['token'] }, 'response_types can only contain'],
    [{ grant_types: ['implicit'] }, 'grant_types can only contain'],
    [{ contacts: 7 }, 'contacts must be an array'],
  ] as const) {
    const page = await new Browser(server.issuer).open((await buildRequest(server, publish(members))).url);
    expect([members, page.status, page.text.includes(reason)]).toEqual([members, 400, true]);
  }
});

it('a document does not replace a client of the operator that has the same identifier', async () => {
  const app = publish({ client_name: 'From the document' });
  const { id } = await addClient(server, { isPublic: true, name: 'From the operator' });
  await server.db.updateTable('clients').set({ id: app.id }).where('id', '=', id).execute();
  const page = await new Browser(server.issuer).open((await buildRequest(server, app)).url);
  const columns = ['name', 'registered_by'] as const;
  const row = await server.db.selectFrom('clients').select(columns).where('id', '=', app.id).executeTakeFirst();
  expect([page.status, row, countFetches(app.path)]).toEqual([
    200,
    { name: 'From the operator', registered_by: 'operator' },
    0,
  ]);
});

it('the document of the client that the body of a POST names is read again, even if the query names another client', async () => {
  const app = publish(terminal);
  const ask = (query: string) =>
    postForm(`${server.issuer}/device_authorization${query}`, { client_id: app.id, scope: 'model:gpt-4o cap:chat' });
  expect((await ask('')).status).toBe(200);
  host.serve(app.path, (_request: unknown, response: ServerResponse) => response.writeHead(410).end());
  await expire(app.id);
  expect((await ask('?client_id=other')).status).toBe(400);
});

it('the document of a client that sends its client_id only in its assertion (RFC 7521) is read too', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }];
  const app = publish({ ...terminal, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys } });
  const assertion = await new SignJWT({ jti: 'first' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(app.id)
    .setSubject(app.id)
    .setAudience(server.issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
  const answer = await postForm(`${server.issuer}/device_authorization`, {
    scope: 'model:gpt-4o cap:chat',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  expect([answer.text, answer.status, countFetches(app.path)]).toEqual([expect.stringContaining('user_code'), 200, 1]);
});

it('a client for terminals needs no redirect URI in its document', async () => {
  const app = publish({ ...terminal, redirect_uris: undefined });
  const form = { client_id: app.id, scope: 'model:gpt-4o cap:chat' };
  expect((await postForm(`${server.issuer}/device_authorization`, form)).text).toContain('user_code');
});

it('many requests for other documents of a host do not prevent the document of a known client of that host from being read', async () => {
  const app = publish();
  expect((await begin(app.id, '198.51.100.1')).status).toBe(303);
  const statuses = new Set<number>();
  for (let round = 0; round < 122; round += 1) {
    const stranger = `203.0.113.${Math.floor(round / 50)}`;
    statuses.add((await begin(`https://${host.host}/none/${round}`, stranger, round % 2)).status);
  }
  expect([...statuses]).toEqual([400, 429]);
  await expire(app.id);
  expect((await begin(app.id, '198.51.100.1')).status).toBe(303);
});

it('one network can add no more clients by documents than by registrations', async () => {
  const statuses: number[] = [];
  for (let round = 0; round < 102; round += 1) {
    // Clears the counts of fetches and of requests, and keeps the count of registrations.
    await server.db.deleteFrom('attempts').where('key_hash', '<>', hashSecret('register:192.0.2.9')).execute();
    statuses.push((await begin(publish().id, '192.0.2.9', round % 2)).status);
  }
  expect(statuses.slice(0, 100).every((status) => status === 303)).toBe(true);
  expect(statuses.slice(100)).toEqual([429, 429]);
});
