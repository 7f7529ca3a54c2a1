import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, importJWK, type JWK, jwtVerify } from 'jose';
import {
  addClient,
  buildRequest,
  connect,
  decide,
  introspect,
  redeem,
  refresh,
  revoke,
  type TestClient,
  usualScope,
} from './support/client.js';
import { header, json, postForm, send } from './support/http.js';
import { makeIdTokenKeys } from './support/id-token-key.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ configuration: { idTokenKeys: await makeIdTokenKeys() } });
  owner = await createOwner(server);
});
afterAll(() => server.close());

async function register(members: object): Promise<TestClient> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ redirect_uris: ['https://app.example/cb'], ...members });
  const registered = json(await send(`${server.issuer}/register`, { method: 'POST', headers, body }));
  const { client_id: id, client_secret: secret } = registered as { client_id: string; client_secret?: string };
  return { id, secret, redirectUri: 'https://app.example/cb' };
}

/** The ID token that a client gets for a new grant. */
async function obtainIdToken(client: TestClient): Promise<string> {
  const request = await buildRequest(server, client, { scope: `openid email profile ${usualScope}`, nonce: 'n-1' });
  const back = await decide(owner.browser, request, 'allow');
  const code = back.url.searchParams.get('code') ?? '';
  const tokens = json(await redeem(server, client, { code, codeVerifier: request.codeVerifier }));
  expect(String(tokens['scope']).split(' ')).toContain('openid');
  return String(tokens['id_token']);
}

const userinfo = async (token: string, method = 'GET') =>
  send(`${server.issuer}/userinfo`, { method, headers: { authorization: `Bearer ${token}` } });

it('signs ID tokens with the algorithm that a client registers, or with RS256 if it registers none or one that is not offered', async () => {
  const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
  for (const [asked, algorithm] of [
    [undefined, 'RS256'],
    ['RS256', 'RS256'],
    ['ES256', 'ES256'],
    ['PS512', 'RS256'],
  ] as const) {
    const client = await register({ id_token_signed_response_alg: asked });
    const rules = { issuer: server.issuer, audience: client.id, algorithms: [algorithm] };
    const { payload } = await jwtVerify(await obtainIdToken(client), keys, rules);
    expect(payload).toMatchObject({ sub: owner.accountId, nonce: 'n-1' });
  }
  const metadata = json(await send(`${server.issuer}/.well-known/openid-configuration`));
  expect(metadata['id_token_signing_alg_values_supported']).toEqual(['RS256', 'ES256']);
});

it('signs ID tokens with ES256 for a client that an earlier version stored; a registration stores no id_token_signed_response_alg and no scope', async () => {
  const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
  for (const metadata of [{}, { id_token_signed_response_alg: 'ES256' }]) {
    const client = await addClient(server, { metadata });
    await jwtVerify(await obtainIdToken(client), keys, { algorithms: ['ES256'] });
  }
  const { id } = await register({});
  const row = await server.db.selectFrom('clients').select('metadata').where('id', '=', id).executeTakeFirstOrThrow();
  expect(row.metadata).not.toHaveProperty('id_token_signed_response_alg');
  expect(row.metadata).not.toHaveProperty('scope');
});

it('access tokens are signed with ES256 even if the client’s ID tokens are signed with RS256', async () => {
  const tokens = await connect(server, owner.browser, await register({}));
  const [head = ''] = tokens.access_token.split('.');
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ alg: 'ES256' });
});

it('userinfo returns the subject of a token, by GET and POST, while the token and its grant are valid', async () => {
  const client = await register({});
  const tokens = await connect(server, owner.browser, client, { scope: `openid email ${usualScope}` });
  for (const method of ['GET', 'POST'])
    expect(json(await userinfo(tokens.access_token, method))).toEqual({ sub: owner.accountId });
  const form = { access_token: tokens.access_token };
  expect(json(await postForm(`${server.issuer}/userinfo`, form))).toEqual({ sub: owner.accountId });
  const next = json(await refresh(server, client, tokens.refresh_token));
  expect((await userinfo(String(next['access_token']))).status).toBe(200);
  await revoke(server, client, String(next['refresh_token']));
  for (const token of [tokens.access_token, String(next['access_token'])]) {
    const answer = await userinfo(token);
    expect([answer.status, header(answer, 'www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
  }
});

it('userinfo and introspection compare the expiry of an access token with the server’s clock', async () => {
  const client = await register({});
  const { access_token } = await connect(server, owner.browser, client, { scope: `openid ${usualScope}` });
  expect([(await userinfo(access_token)).status, (await introspect(server, access_token))['active']]).toEqual([
    200,
    true,
  ]);
  server.advanceClock(601);
  const later = [(await userinfo(access_token)).status, (await introspect(server, access_token))['active']];
  server.advanceClock(-601);
  expect(later).toEqual([401, false]);
});

it('userinfo answers only to valid access tokens of accounts that are not disabled', async () => {
  const client = await register({});
  const { id_token, refresh_token } = (await connect(server, owner.browser, client, {
    scope: `openid ${usualScope}`,
  })) as unknown as Record<string, string>;
  for (const token of ['x', 'a.b.c', String(id_token), String(refresh_token)])
    expect([token.slice(0, 5), (await userinfo(token)).status]).toEqual([token.slice(0, 5), 401]);
  const without = await send(`${server.issuer}/userinfo`);
  expect([without.status, header(without, 'www-authenticate')]).toEqual([401, 'Bearer']);
  expect(json(without)).toEqual({
    error: 'invalid_request',
    error_description: 'a live access token is needed',
  });
  const someone = await createOwner(server);
  const tokens = await connect(server, someone.browser, client);
  await server.db
    .updateTable('accounts')
    .set({ disabled_at: new Date() })
    .where('id', '=', someone.accountId)
    .execute();
  expect((await userinfo(tokens.access_token)).status).toBe(401);
});

it('only pages from the origins of registered clients may read userinfo', async () => {
  const client = await register({ token_endpoint_auth_method: 'none' });
  const { access_token: token } = await connect(server, owner.browser, client);
  const ask = (origin: string) =>
    send(`${server.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}`, origin } });
  expect(header(await ask('https://app.example'), 'access-control-allow-origin')).toBe('https://app.example');
  expect(header(await ask('https://evil.example'), 'access-control-allow-origin')).toBe('');
});

it('the OpenID metadata and the key set have everything that the config plan of the OpenID conformance suite requires', async () => {
  const metadata = json(await send(`${server.issuer}/.well-known/openid-configuration`));
  expect(metadata).toMatchObject({
    issuer: server.issuer,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
    grant_types_supported: expect.arrayContaining(['authorization_code']),
    scopes_supported: expect.arrayContaining(['openid']),
    claims_supported: expect.arrayContaining(['sub', 'iss']),
    claims_parameter_supported: expect.any(Boolean),
    request_uri_parameter_supported: false,
  });
  const named = ['authorization', 'token', 'userinfo', 'registration', 'end_session'].map((name) => `${name}_endpoint`);
  for (const member of [...named, 'jwks_uri'])
    expect([member, String(metadata[member])]).toEqual([member, expect.stringMatching(`^${server.issuer}/`)]);
  const { keys } = json(await send(String(metadata['jwks_uri']))) as { readonly keys: readonly JWK[] };
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
  for (const key of keys) {
    expect(key).toMatchObject({ kid: expect.any(String), use: 'sig', alg: expect.any(String) });
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
    await importJWK(key);
    if (key.kty === 'RSA') expect(Buffer.from(key.n ?? '', 'base64url').length).toBeGreaterThanOrEqual(256);
  }
  const offered = metadata['id_token_signing_alg_values_supported'] as readonly string[];
  expect(keys.map(({ alg }) => alg)).toEqual(expect.arrayContaining([...offered]));
});
