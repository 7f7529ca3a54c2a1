import { loadSpecification } from '@aipassport/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deviceGrantType, exchangeGrantType } from '../src/oidc/offered.js';
import { addClient, connect } from './support/client.js';
import { type Answer, basic, header, json, postForm, send } from './support/http.js';
import { createOwner } from './support/owner.js';
import { proxySecret, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const { compile } = loadSpecification('authorization-server');
const documents = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];

async function fetchMetadata(path = documents[0] ?? ''): Promise<Record<string, unknown>> {
  return json(await send(`${server.issuer}${path}`));
}

// The ids at the beginning of titles are rows of docs/security.md.
it('M1: both well-known documents are served for exactly this issuer, and match the specification', async () => {
  const validate = compile('/components/schemas/Metadata');
  for (const path of documents) {
    const metadata = await fetchMetadata(path);
    expect(metadata['issuer']).toBe(server.issuer);
    expect(validate(metadata)).toBeUndefined();
    const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name));
    expect(endpoints.length).toBeGreaterThanOrEqual(7);
    for (const [, url] of endpoints) expect(new URL(String(url)).origin).toBe(server.issuer);
  }
});

it('M2, M3, M4, M5: the metadata advertises S256, iss, code, no implicit grant, and four ways to authenticate clients', async () => {
  expect(await fetchMetadata()).toMatchObject({
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      deviceGrantType,
      exchangeGrantType,
    ],
    device_authorization_endpoint: `${server.issuer}/device_authorization`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    authorization_details_types_supported: ['ai_access'],
    grant_management_endpoint: `${server.issuer}/grants`,
    grant_management_actions_supported: ['query', 'revoke', 'create', 'update', 'merge', 'replace'],
    grant_management_action_required: false,
    request_uri_parameter_supported: false,
    scopes_supported: expect.arrayContaining(['model:gpt-4o', 'model:openai/*', 'cap:chat', 'offline_access']),
  });
});

it('M2: the metadata does not name the introspection endpoint, which answers only the resource proxy', async () => {
  expect(Object.keys(await fetchMetadata()).filter((name) => name.startsWith('introspection'))).toEqual([]);
});

it('M6: the key set contains public keys only, each with its own kid', async () => {
  const set = json(await send(`${server.issuer}/jwks`));
  expect(compile('/components/schemas/JsonWebKeySet')(set)).toBeUndefined();
  expect(JSON.stringify(set)).not.toContain(server.configuration.signingKeys[0].d);
});

it('tokens, introspection, errors and health match the specification', async () => {
  const client = await addClient(server);
  const { browser } = await createOwner(server);
  const tokens = await connect(server, browser, client);
  expect(compile('/components/schemas/TokenResponse')(tokens)).toBeUndefined();
  const introspect = async (token: string) =>
    json(await postForm(`${server.issuer}/introspect`, { token }, basic('resource-proxy', proxySecret)));
  const validate = compile('/components/schemas/IntrospectionResponse');
  expect(validate(await introspect(tokens.access_token))).toBeUndefined();
  expect(validate(await introspect('unknown'))).toBeUndefined();
  const error = json(await postForm(`${server.issuer}/token`, { grant_type: 'authorization_code' }));
  expect(compile('/components/schemas/OAuthError')(error)).toBeUndefined();
  expect(compile('/components/schemas/Health')(json(await send(`${server.issuer}/health`)))).toBeUndefined();
});

it('an unknown path gets 404, as JSON for programs and as a page for people', async () => {
  const answer = await send(`${server.issuer}/nothing`);
  expect([answer.status, json(answer)['error']]).toEqual([404, 'not_found']);
  const page = await send(`${server.issuer}/nothing`, { headers: { accept: 'text/html' } });
  expect([page.status, header(page, 'content-type')]).toEqual([404, 'text/html; charset=utf-8']);
});

const origin = 'https://spa.example';
const corsHeaders = (answer: Answer) =>
  Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));

it('CORS: every origin may read metadata and public keys, and may register if registration is open', async () => {
  const published = [...[...documents, '/jwks'].map((path) => [path, 'GET'] as const), ['/register', 'POST'] as const];
  for (const [path, method] of published) {
    const answer = await send(`${server.issuer}${path}`, { method, headers: { origin: 'https://anybody.example' } });
    expect([path, header(answer, 'access-control-allow-origin')]).toEqual([path, '*']);
    expect(header(answer, 'access-control-allow-credentials')).toBe('');
    const preflight = await send(`${server.issuer}${path}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://anybody.example', 'access-control-request-method': method },
    });
    expect([preflight.status, header(preflight, 'access-control-allow-origin')]).toEqual([204, '*']);
    expect(header(preflight, 'access-control-allow-methods')).toBe(method);
    expect(header(preflight, 'access-control-allow-headers')).toContain('*');
  }
});

it('CORS: a registered origin may call the endpoints for tokens, pushed requests and revocation, without credentials', async () => {
  const spa = await addClient(server, { isPublic: true, redirectUris: [`${origin}/callback`] });
  for (const path of ['/token', '/par', '/revoke']) {
    const answer = await postForm(
      `${server.issuer}${path}`,
      { client_id: spa.id, token: 'x', grant_type: 'refresh_token', refresh_token: 'x' },
      { origin },
    );
    expect([path, header(answer, 'access-control-allow-origin')]).toEqual([path, origin]);
    expect(header(answer, 'access-control-allow-credentials')).toBe('');
    expect(header(answer, 'vary')).toMatch(/origin/i);
    const preflight = await send(`${server.issuer}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, header(preflight, 'access-control-allow-origin')]).toEqual([204, origin]);
  }
});

it('CORS: other origins may not call the endpoints for tokens, pushed requests and revocation; endpoints without CORS allow no origin; an origin is allowed only for its own client', async () => {
  const spa = await addClient(server, { isPublic: true, redirectUris: [`${origin}/callback`] });
  for (const foreign of ['https://evil.example', 'null', `${origin}.evil.example`, 'http://spa.example'])
    for (const path of ['/token', '/par', '/revoke']) {
      const answer = await send(`${server.issuer}${path}`, { headers: { origin: foreign } });
      expect([foreign, path, corsHeaders(answer)]).toEqual([foreign, path, []]);
      const preflight = await send(`${server.issuer}${path}`, {
        method: 'OPTIONS',
        headers: { origin: foreign, 'access-control-request-method': 'POST' },
      });
      expect([foreign, path, corsHeaders(preflight)]).toEqual([foreign, path, []]);
    }
  for (const path of ['/introspect', '/account/apps', '/authorize']) {
    const answer = await postForm(`${server.issuer}${path}`, { client_id: spa.id }, { origin });
    expect([path, corsHeaders(answer)]).toEqual([path, []]);
  }
  const other = await addClient(server, { isPublic: true, redirectUris: ['https://other.example/callback'] });
  const answer = await postForm(
    `${server.issuer}/token`,
    { client_id: other.id, grant_type: 'refresh_token', refresh_token: 'x' },
    { origin },
  );
  expect([answer.status, corsHeaders(answer)]).toEqual([400, []]);
});
