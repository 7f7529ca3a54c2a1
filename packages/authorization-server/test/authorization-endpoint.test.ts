import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import {
  addClient,
  authenticate,
  buildRequest,
  callEndpoint,
  connect,
  decide,
  obtainCode,
  redeem,
  requestAuthorization,
  type TestClient,
  usualScope,
} from './support/client.js';
import { header, json, postForm } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { resourceProxyUrl, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server);
  owner = await createOwner(server);
});
afterAll(() => server.close());

const ask = (parameters: Readonly<Record<string, string>>, of: TestClient = client) =>
  requestAuthorization(server, of, parameters);

// The ids at the beginning of titles are rows of docs/security.md.
it('A1: a redirect URI is compared exactly; a request with a variant gets an error page and no redirect', async () => {
  const variants = [
    'https://app.example/callback/',
    'https://app.example/Callback',
    'https://APP.example/callback',
    'https://app.example:443/callback',
    'https://app.example:444/callback',
    'https://app.example/callback?x=1',
    'https://app.example/callback#x',
    'https://app.example/a/../callback',
    'https://app.example/%63allback',
    'https://user@app.example/callback',
    'https://app.example.evil.example/callback',
    'http://app.example/callback',
    'https://app.example/callback%0d%0aX:y',
    'javascript:alert(1)//https://app.example/callback',
    '//app.example/callback',
  ];
  for (const redirect_uri of variants) {
    const { page } = await ask({ redirect_uri });
    expect({ redirect_uri, status: page.status, origin: page.url.origin }).toEqual({
      redirect_uri,
      status: 400,
      origin: server.issuer,
    });
  }
});

it('A2: a native client may change only the port of its loopback redirect URI', async () => {
  const native = await addClient(server, {
    isPublic: true,
    redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb'],
    metadata: { application_type: 'native' },
  });
  const reaches = async (redirect_uri: string) => (await ask({ redirect_uri }, native)).page.status === 200;
  expect(await reaches('http://127.0.0.1:49152/cb')).toBe(true);
  expect(await reaches('http://[::1]:49152/cb')).toBe(true);
  for (const other of [
    'http://127.0.0.1:49152/cb/',
    'http://127.0.0.1:49152/cb?x=1',
    'http://localhost:49152/cb',
    'http://127.0.0.2:1/cb',
    'https://127.0.0.1:49152/cb',
  ])
    expect({ other, reached: await reaches(other) }).toEqual({ other, reached: false });
});

it('A4: until the client and the redirect URI are verified, an error is shown on a page that repeats nothing of the request', async () => {
  const { page } = await ask({ client_id: '<script>alert(1)</script>' });
  expect(page.status).toBe(400);
  expect(page.text).not.toContain('alert(1)');
  const two = await addClient(server, { redirectUris: ['https://app.example/a', 'https://app.example/b'] });
  const { page: withoutUri } = await ask({ redirect_uri: '' }, two);
  expect(withoutUri.status).toBe(400);
});

it('A5, A6: PKCE with S256 is required from public and confidential clients', async () => {
  for (const of of [client, await addClient(server, { isPublic: true })])
    for (const change of [
      { code_challenge: '', code_challenge_method: '' },
      { code_challenge_method: 'plain' },
      { code_challenge_method: '' },
    ]) {
      const { page, request, error } = await ask(change, of);
      expect(error).toBe('invalid_request');
      expect(page.url.searchParams.get('state')).toBe(request.state);
    }
});

it('A7: a code is not redeemed with a wrong verifier or without one', async () => {
  for (const codeVerifier of ['', 'a'.repeat(43)]) {
    const request = await buildRequest(server, client);
    const back = await decide(owner.browser, request, 'allow');
    const answer = await redeem(server, client, { code: back.url.searchParams.get('code') ?? '', codeVerifier });
    expect([answer.status, json(answer)['error']]).toEqual([400, 'invalid_grant']);
  }
});

it('A8: every response type except code is refused, and no answer uses the fragment', async () => {
  for (const response_type of ['token', 'id_token', 'code token', 'code id_token', 'none']) {
    const { page, error } = await ask({ response_type });
    expect({ response_type, hash: page.url.hash, error: error ?? 'page' }).not.toMatchObject({ error: 'page' });
    expect(page.url.hash).toBe('');
  }
});

it('A9: answers are sent in the query only; a request for another response mode is refused in the query', async () => {
  for (const response_mode of ['fragment', 'form_post', 'web_message', 'jwt']) {
    const { page, error } = await ask({ response_mode });
    expect({ response_mode, error, origin: page.url.origin, hash: page.url.hash }).toEqual({
      response_mode,
      error: response_mode === 'fragment' ? 'invalid_request' : 'unsupported_response_mode',
      origin: 'https://app.example',
      hash: '',
    });
  }
});

it('A10: a request with a repeated parameter is refused', async () => {
  for (const name of ['client_id', 'scope', 'state', 'redirect_uri']) {
    const request = await buildRequest(server, client);
    request.url.searchParams.append(name, request.url.searchParams.get(name) ?? '');
    const page = await new Browser(server.issuer).open(request.url);
    expect([name, page.status >= 400 || page.url.searchParams.get('error') === 'invalid_request']).toEqual([
      name,
      true,
    ]);
  }
});

it('A11: iss names this server on success, on denial and on errors (RFC 9207)', async () => {
  const allowed = await decide(owner.browser, await buildRequest(server, client), 'allow');
  const denied = await decide(owner.browser, await buildRequest(server, client, { prompt: 'consent' }), 'deny');
  const { page: failed } = await ask({ scope: 'model:unknown cap:chat' });
  for (const { url } of [allowed, denied, failed]) expect(url.searchParams.get('iss')).toBe(server.issuer);
  expect(denied.url.searchParams.get('error')).toBe('access_denied');
});

it('A12: the audience of a token is the proxy only (RFC 8707)', async () => {
  const others = [
    'https://evil.example/',
    'https://proxy.example.evil.example/',
    'https://evil.example/https://proxy.example',
    'http://proxy.example',
    'https://proxy.example:8443',
    'https://user@proxy.example',
    'https://proxy.example/#fragment',
    'not a url',
  ];
  for (const resource of others)
    expect([resource, (await ask({ resource })).error]).toEqual([resource, 'invalid_target']);
  const tokens = await connect(server, owner.browser, client, { resource: `${resourceProxyUrl}/`, prompt: 'consent' });
  const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
    aud: string;
  };
  expect(claims.aud).toBe(resourceProxyUrl);
});

it('A12: a request for the proxy and another resource is refused at every endpoint, and no token for the proxy alone is issued', async () => {
  const other = 'https://other.example/';
  const request = await buildRequest(server, client, { resource: resourceProxyUrl });
  request.url.searchParams.append('resource', other);
  const page = await owner.browser.open(request.url);
  expect(page.url.searchParams.get('error')).toBe('invalid_target');
  const { fields, headers } = authenticate(client);
  const pushed = await postForm(
    `${server.issuer}/par`,
    { ...fields, ...Object.fromEntries(request.url.searchParams), resource: [resourceProxyUrl, other] },
    headers,
  );
  expect([pushed.status, json(pushed)['error']]).toEqual([400, 'invalid_target']);

  const both = [[resourceProxyUrl, other], [other, resourceProxyUrl], [other], [`${resourceProxyUrl}/`, other, other]];
  for (const resource of both) {
    const { code, codeVerifier } = await obtainCode(server, owner.browser, client);
    const redeeming = {
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: client.redirectUri,
    };
    const redeemed = await postForm(`${server.issuer}/token`, { ...fields, ...redeeming, resource }, headers);
    expect([resource, json(redeemed)['error']]).toEqual([resource, 'invalid_target']);
    const tokens = await connect(server, owner.browser, client);
    const refreshing = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const refreshed = await postForm(`${server.issuer}/token`, { ...fields, ...refreshing, resource }, headers);
    expect([resource, json(refreshed)['error']]).toEqual([resource, 'invalid_target']);
  }
});

it('A12: every spelling of the proxy’s URI, and of the paths below it, means the same resource at every endpoint', async () => {
  const spellings = [
    resourceProxyUrl,
    'https://proxy.example/',
    'HTTPS://Proxy.Example',
    'https://proxy.example:443/',
    'https://proxy.example/openai/v1',
    'https://proxy.example/mcp?session=1',
  ];
  for (const [index, resource] of spellings.entries()) {
    // A later request may use another spelling than an earlier one, or several spellings.
    const next = spellings[(index + 1) % spellings.length] ?? '';
    const request = await buildRequest(server, client, { resource });
    request.url.searchParams.append('resource', next);
    const back = await decide(owner.browser, request, 'allow');
    const code = back.url.searchParams.get('code') ?? '';
    const redeeming = { grant_type: 'authorization_code', code, code_verifier: request.codeVerifier };
    const form = { ...redeeming, redirect_uri: client.redirectUri, resource: [next, resource] };
    const redeemed = await callEndpoint(`${server.issuer}/token`, client, form);
    expect([resource, redeemed.status]).toEqual([resource, 200]);
    const refreshing = {
      grant_type: 'refresh_token',
      refresh_token: String(json(redeemed)['refresh_token']),
      resource,
    };
    expect((await callEndpoint(`${server.issuer}/token`, client, refreshing)).status).toBe(200);
    const { fields, headers } = authenticate(client);
    const pushing = { ...fields, ...Object.fromEntries(request.url.searchParams), resource };
    expect((await postForm(`${server.issuer}/par`, pushing, headers)).status).toBe(201);
  }
});

it('A13: a scope token that does not match byte for byte is refused with invalid_scope', async () => {
  const wrong = [
    'model:unknown cap:chat',
    'model:gpt-4* cap:chat',
    'MODEL:gpt-4o cap:chat',
    'model:gpt-4o cap:unknown',
    'model:gpt-4o cap:chat "><x',
    'model:gpt-4o\u200b cap:chat',
  ];
  for (const scope of wrong) expect([scope, (await ask({ scope })).error]).toEqual([scope, 'invalid_scope']);
  const { page } = await ask({ scope: 'model:unknown cap:chat' });
  expect(page.url.searchParams.get('scope')).not.toBe('');
  expect(page.url.searchParams.get('error_description')).toContain('not known');
});

it('the description of invalid_scope names the unknown scope token, at most 100 characters of it', async () => {
  const describe = async (scope: string) => (await ask({ scope })).page.url.searchParams.get('error_description');
  expect(await describe('model:unknown cap:chat')).toBe(
    'scope names a model or capability that is not known: model:unknown',
  );
  expect(await describe('cap:chat "><x')).toBe('scope contains invalid characters');
  expect(await describe(`cap:${'x'.repeat(300)}`)).toBe(
    `scope names a model or capability that is not known: cap:${'x'.repeat(96)}`,
  );
});

it('the page for an unknown client or redirect URI tells developers which parameter is wrong', async () => {
  for (const [wrong, words] of [
    [{ ...client, id: 'nobody' }, ['client_id is unknown']],
    [{ ...client, redirectUri: 'https://other.example/cb' }, ['redirect_uri did not match']],
  ] as const) {
    const page = await new Browser(server.issuer).open((await buildRequest(server, wrong)).url);
    expect([page.status, page.url.origin]).toEqual([400, server.issuer]);
    for (const word of words) expect(page.text).toContain(word);
  }
});

it('models and capabilities in authorization_details are requested like those in the scope; malformed details are refused', async () => {
  const detail = (members: object) => JSON.stringify([{ type: 'ai_access', ...members }]);
  for (const authorization_details of [
    detail({ models: ['unknown'] }),
    detail({ max_requests: -1 }),
    detail({ max_requests: 1.5 }),
    detail({ budget: 1 }),
    '[{"type":"other"}]',
    '{"type":"ai_access"}x',
  ])
    expect([authorization_details, (await ask({ authorization_details })).error]).toEqual([
      authorization_details,
      'invalid_authorization_details',
    ]);
  const only = { scope: '', authorization_details: detail({ models: ['gpt-4o'], capabilities: ['chat'] }) };
  const tokens = await connect(server, owner.browser, client, only);
  expect(tokens.scope).toBe('model:gpt-4o cap:chat');
});

it('an authorization request may be sent by GET or POST, even from a page of another site', async () => {
  const { url } = await buildRequest(server, client, { state: 'a state with & and =', scope: usualScope });
  const form = Object.fromEntries(url.searchParams);
  const answer = await postForm(`${server.issuer}/authorize`, form, { 'sec-fetch-site': 'cross-site' });
  expect([answer.status, new URL(header(answer, 'location'), server.issuer).searchParams.get('state')]).toEqual([
    303,
    form['state'],
  ]);
  const page = await new Browser(server.issuer).open(header(answer, 'location'));
  expect(page.url.pathname).toBe('/account/sign-in');
  expect((await postForm(`${server.issuer}/authorize`, { state: 'x'.repeat(3_000) })).status).toBe(400);
});

it('valid parameters of OpenID Connect without the scope openid, and scopes such as email, cause no error; an invalid max_age does', async () => {
  const openid = {
    nonce: 'n',
    max_age: '3600',
    claims: '{"id_token":{"acr":null}}',
    acr_values: '1',
    id_token_hint: 'x',
  };
  const scope = `${usualScope} email profile phone address`;
  expect((await connect(server, owner.browser, client, { ...openid, scope })).scope).toBe(usualScope);
  const { headers, fields } = authenticate(client);
  const { url } = await buildRequest(server, client, { ...openid, scope });
  const pushed = json(
    await postForm(`${server.issuer}/par`, { ...Object.fromEntries(url.searchParams), ...fields }, headers),
  );
  const request = { client_id: client.id, request_uri: String(pushed['request_uri']) };
  const page = await owner.browser.open(`/authorize?${new URLSearchParams(request).toString()}`);
  expect(page.url.searchParams.get('error')).toBeNull();
  expect(page.url.searchParams.get('code')).toMatch(/./);
  for (const max_age of ['-1', 'soon', '1.5']) expect((await ask({ max_age })).error).toBe('invalid_request');
});

it('max_age and prompt=select_account ask for a sign-in, with and without the scope openid', async () => {
  const someone = await createOwner(server);
  await ageSessions(server, someone.accountId);
  for (const scope of [usualScope, `openid ${usualScope}`])
    for (const change of [{ max_age: '60' }, { prompt: 'select_account' }, { prompt: 'select_account consent' }]) {
      const page = await someone.browser.open((await buildRequest(server, client, { ...change, scope })).url);
      expect([change, page.url.pathname]).toEqual([change, '/account/sign-in']);
    }
  const again = await someone.browser.open((await buildRequest(server, client, { prompt: 'select_account' })).url);
  const other = await createOwner(server);
  const fields = { email: other.email, password };
  const chosen = await someone.browser.submit(again, '/account/sign-in', fields);
  expect(readText(chosen.text)).toContain(`Signed in as ${other.email}`);
});

/** Moves the owner's sign-in an hour into the past. */
async function ageSessions({ db }: TestServer, accountId: string): Promise<void> {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await db
    .updateTable('owner_sessions')
    .set({ authenticated_at: anHourAgo })
    .where('account_id', '=', accountId)
    .execute();
}

it('A14: scripts of other origins cannot read the answers of the authorization endpoint', async () => {
  const { url } = await buildRequest(server, client);
  const page = await new Browser(server.issuer).request(url, { headers: { origin: 'https://app.example' } });
  expect(page.headers['access-control-allow-origin']).toBeUndefined();
});
