import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { addClient, buildRequest, connect, decide, redeem, type TestClient, usualScope } from './support/client.js';
import { basic, header, json, postForm } from './support/http.js';
import { createOwner, type Owner, password, signIn } from './support/owner.js';
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

/** Where a request leads that no page comes before: the error at the client, or a page of ours. */
async function ask(parameters: Readonly<Record<string, string>>, of: TestClient = client) {
  const request = await buildRequest(server, of, parameters);
  const page = await new Browser(server.issuer).open(request.url);
  return { page, request, error: page.url.searchParams.get('error') };
}

it('A1: a redirect URI is compared exactly; a variant gets a page, never a redirect', async () => {
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

it('A2: a native client may use any port of its loopback address, and nothing else', async () => {
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

it('A4: before client and redirect URI are known an error is a page that repeats nothing of the request', async () => {
  const { page } = await ask({ client_id: '<script>alert(1)</script>' });
  expect(page.status).toBe(400);
  expect(page.text).not.toContain('alert(1)');
  const two = await addClient(server, { redirectUris: ['https://app.example/a', 'https://app.example/b'] });
  const { page: withoutUri } = await ask({ redirect_uri: '' }, two);
  expect(withoutUri.status).toBe(400);
});

it('A5, A6: PKCE with S256 is demanded of public and confidential clients alike', async () => {
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

it('A7: a verifier that does not belong to the challenge, or none at all, redeems nothing', async () => {
  for (const codeVerifier of ['', 'a'.repeat(43)]) {
    const request = await buildRequest(server, client);
    const back = await decide(owner.browser, request, 'allow');
    const answer = await redeem(server, client, { code: back.url.searchParams.get('code') ?? '', codeVerifier });
    expect([answer.status, json(answer)['error']]).toEqual([400, 'invalid_grant']);
  }
});

it('A8: no response type but code is served, and nothing comes back in a fragment', async () => {
  for (const response_type of ['token', 'id_token', 'code token', 'code id_token', 'none']) {
    const { page, error } = await ask({ response_type });
    expect({ response_type, hash: page.url.hash, error: error ?? 'page' }).not.toMatchObject({ error: 'page' });
    expect(page.url.hash).toBe('');
  }
});

it('A9: answers come by query alone; other response modes are refused, and that by query too', async () => {
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

it('A10: a parameter that is there twice is refused', async () => {
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

it('A12: a token is for the proxy and for nobody else (RFC 8707)', async () => {
  for (const resource of ['https://evil.example/', `${resourceProxyUrl}/other`, 'not a url'])
    expect((await ask({ resource })).error).toBe('invalid_target');
  const tokens = await connect(server, owner.browser, client, { resource: `${resourceProxyUrl}/`, prompt: 'consent' });
  const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
    aud: string;
  };
  expect(claims.aud).toBe(resourceProxyUrl);
});

it('A13: scope tokens are known byte for byte, or the request is refused with invalid_scope', async () => {
  const wrong = [
    'model:unknown cap:chat',
    'model:gpt-4* cap:chat',
    'MODEL:gpt-4o cap:chat',
    'model:gpt-4o cap:unknown',
    'model:gpt-4o cap:chat "><x',
    'model:gpt-4o\u200b cap:chat',
    'model:gpt-4o',
    'cap:chat',
    'openid',
    '',
  ];
  for (const scope of wrong) expect([scope, (await ask({ scope })).error]).toEqual([scope, 'invalid_scope']);
  const { page } = await ask({ scope: 'model:gpt-4o' });
  expect(page.url.searchParams.get('error_description')).toContain('at least one model');
});

it('asks for what the details name as if it stood in the scope, and refuses details that are malformed', async () => {
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

it('A14: browsers may not call the authorization endpoint from scripts', async () => {
  const { url } = await buildRequest(server, client);
  const page = await new Browser(server.issuer).request(url, { headers: { origin: 'https://app.example' } });
  expect(page.headers['access-control-allow-origin']).toBeUndefined();
});

it('A15: prompt=none never shows a page', async () => {
  const { error, page } = await ask({ prompt: 'none' });
  expect(error).toBe('login_required');
  expect(page.url.searchParams.get('iss')).toBe(server.issuer);
  const fresh = await createOwner(server);
  await fresh.browser.open((await buildRequest(server, client)).url);
  const asked = await fresh.browser.open((await buildRequest(server, client, { prompt: 'none' })).url);
  expect(asked.url.searchParams.get('error')).toMatch(/^(login|consent|interaction)_required$/);
});

it('A16: prompt=login asks for the password again, and auth_time moves', async () => {
  const somebody = await createOwner(server);
  const scope = `openid ${usualScope}`;
  await somebody.browser.open((await buildRequest(server, client, { scope })).url);
  await server.db
    .updateTable('owner_sessions')
    .set({ authenticated_at: new Date(Date.now() - 60_000) })
    .where('account_id', '=', somebody.accountId)
    .execute();
  const request = await buildRequest(server, client, { scope, prompt: 'login' });
  const page = await somebody.browser.open(request.url);
  expect(page.url.pathname).toBe('/account/sign-in');
  const consent = await somebody.browser.submit(page, '/account/sign-in', { email: somebody.email, password });
  const back = await somebody.browser.submit(consent, `${consent.url.pathname}/consent`, { decision: 'allow' });
  const answer = await redeem(server, client, {
    code: back.url.searchParams.get('code') ?? '',
    codeVerifier: request.codeVerifier,
  });
  const idToken = String(json(answer)['id_token']);
  const { auth_time: authTime } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as {
    auth_time: number;
  };
  expect(Date.now() / 1_000 - authTime).toBeLessThan(20);
});

it('A17: a code that is older than a minute redeems nothing', async () => {
  const request = await buildRequest(server, client);
  const back = await decide(owner.browser, request, 'allow');
  const expired = new Date(Date.now() - 1_000);
  await server.db
    .updateTable('artifacts')
    .set({ expires_at: expired })
    .where('model', '=', 'AuthorizationCode')
    .execute();
  const answer = await redeem(server, client, {
    code: back.url.searchParams.get('code') ?? '',
    codeVerifier: request.codeVerifier,
  });
  expect(json(answer)['error']).toBe('invalid_grant');
  const { payload } = await server.db
    .selectFrom('artifacts')
    .select('payload')
    .where('model', '=', 'AuthorizationCode')
    .limit(1)
    .executeTakeFirstOrThrow();
  expect(Number(payload['exp']) - Number(payload['iat'])).toBeLessThanOrEqual(60);
});

it('A18: every form is answered with 303', async () => {
  const somebody = await createOwner(server);
  const consent = await somebody.browser.open((await buildRequest(server, client)).url);
  const answer = await somebody.browser.submit(
    consent,
    `${consent.url.pathname}/consent`,
    { decision: 'allow' },
    { follow: false },
  );
  expect(answer.status).toBe(303);
  const page = await new Browser(server.issuer).open('/account/sign-in');
  expect(page.status).toBe(200);
});

it('A19: requests by reference are refused, and nothing is fetched', async () => {
  for (const change of [{ request_uri: 'https://evil.example/request' }, { request: 'eyJhbGciOiJub25lIn0.e30.' }]) {
    const { error, page } = await ask(change);
    expect(error ?? page.status).not.toBe(200);
  }
});

it('A20: a pushed request is used once, by the client that pushed it', async () => {
  const { url } = await buildRequest(server, client);
  const push = async () => {
    const fields = Object.fromEntries(url.searchParams);
    const answer = await postForm(`${server.issuer}/par`, fields, basic(client.id, client.secret ?? ''));
    expect(answer.status).toBe(201);
    return String(json(answer)['request_uri']);
  };
  const authorize = (requestUri: string, clientId = client.id) =>
    `/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri })}`;
  const requestUri = await push();
  const other = await addClient(server);
  const stolen = await owner.browser.open(authorize(requestUri, other.id));
  expect(stolen.url.searchParams.get('error')).toBe('invalid_request_object');
  const page = await owner.browser.open(authorize(requestUri));
  const back =
    page.status === 200
      ? await owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' })
      : page;
  expect(back.url.searchParams.get('code')).not.toBeNull();
  const { url: again } = await owner.browser.open(authorize(requestUri));
  expect([again.searchParams.get('code'), again.searchParams.get('error')]).toEqual([null, 'invalid_request_uri']);
});

it('A21: a client that must push its requests cannot send them plain', async () => {
  const strict = await addClient(server, { metadata: { require_pushed_authorization_requests: true } });
  expect((await ask({}, strict)).error).toBe('invalid_request');
});

it('C3: whoever registered itself, or could be somebody else, is asked for every time', async () => {
  const doubtful = [
    await addClient(server, { isPublic: true }),
    await addClient(server, { registeredBy: 'registration' }),
    await addClient(server, { redirectUris: ['http://127.0.0.1:9000/cb'] }),
  ];
  for (const of of doubtful) {
    await connect(server, owner.browser, of);
    const page = await owner.browser.open((await buildRequest(server, of)).url);
    expect(page.text).toContain('asks to use your AI');
  }
});

it('asks an assured client’s owner only when no grant is good for the request', async () => {
  const somebody = await createOwner(server);
  const assured = await addClient(server);
  const opens = async (parameters: Readonly<Record<string, string>> = {}) => {
    const page = await somebody.browser.open((await buildRequest(server, assured, parameters)).url);
    return page.url.searchParams.has('code') ? 'code' : 'page';
  };
  await connect(server, somebody.browser, assured, {}, { scope: ['model:gpt-4o', 'cap:chat'] });
  expect(await opens({ scope: 'model:gpt-4o cap:chat' })).toBe('code');
  expect(await opens({ scope: usualScope })).toBe('page');
  expect(await opens({ scope: 'model:gpt-4o cap:chat', prompt: 'consent' })).toBe('page');
  const authorization_details = '[{"type":"ai_access","max_requests":5}]';
  expect(await opens({ scope: 'model:gpt-4o cap:chat', authorization_details })).toBe('page');
  await server.db
    .updateTable('grants')
    .set({ max_requests: 1, used_requests: 1n })
    .where('account_id', '=', somebody.accountId)
    .execute();
  expect(await opens({ scope: 'model:gpt-4o cap:chat' })).toBe('page');
});

it('forgets who signed in to it as soon as the owner’s session is over', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  await server.db.deleteFrom('owner_sessions').where('account_id', '=', somebody.accountId).execute();
  const page = await somebody.browser.open((await buildRequest(server, client)).url);
  expect(page.url.pathname).toBe('/account/sign-in');
  const other = await createOwner(server);
  await signIn(somebody.browser, other.email);
  const consent = await somebody.browser.open((await buildRequest(server, client)).url);
  expect(consent.text).toContain(other.email);
});

it('sends an interaction’s owner back to it after signing in, naming the client', async () => {
  const request = await buildRequest(server, client);
  const visitor = new Browser(server.issuer);
  const page = await visitor.open(request.url);
  expect(page.url.pathname).toBe('/account/sign-in');
  expect(page.text).toContain('Test App');
  expect(header(page, 'content-security-policy')).toContain("form-action 'self' https://app.example");
  const somebody = await createOwner(server);
  const consent = await visitor.submit(page, '/account/sign-in', { email: somebody.email, password });
  expect(consent.text).toContain('Test App');
  expect(consent.text).toContain('asks to use your AI');
});
