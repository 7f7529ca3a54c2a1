import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page, readText } from './support/browser.js';
import {
  addClient,
  buildRequest,
  callEndpoint,
  connect,
  decide,
  introspect,
  keepAccess,
  redeem,
  refresh,
  requestAuthorization,
  type TestClient,
  usualScope,
} from './support/client.js';
import { basic, type FormFields, header, json, postForm, send } from './support/http.js';
import { createOwner, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

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
it('A15: prompt=none never shows a page', async () => {
  const { error, page } = await ask({ prompt: 'none' });
  expect(error).toBe('login_required');
  expect(page.url.searchParams.get('iss')).toBe(server.issuer);
  const fresh = await createOwner(server);
  await fresh.browser.open((await buildRequest(server, client)).url);
  const asked = await fresh.browser.open((await buildRequest(server, client, { prompt: 'none' })).url);
  expect(asked.url.searchParams.get('error')).toMatch(/^(login|consent|interaction)_required$/);
});

it('A16: prompt=login and max_age=0 ask for the password even immediately after a sign-in', async () => {
  const somebody = await createOwner(server);
  const scope = `openid ${usualScope}`;
  const asking: readonly Record<string, string>[] = [
    { prompt: 'login' },
    { prompt: 'login consent' },
    { prompt: 'select_account' },
    { max_age: '0' },
    { max_age: '0', scope: usualScope },
  ];
  for (const asked of asking) {
    const parameters = { scope, ...asked };
    const page = await somebody.browser.open((await buildRequest(server, client, parameters)).url);
    expect({ parameters, path: page.url.pathname }).toEqual({ parameters, path: '/account/sign-in' });
    // The page of the request and the step after it both require the sign-in.
    const interaction = String(page.url.searchParams.get('return_to'));
    for (const path of [interaction, interaction.replace('/interaction/', '/authorize/')])
      expect((await somebody.browser.open(path)).url.pathname).toBe('/account/sign-in');
    const again = await somebody.browser.open((await buildRequest(server, client, parameters)).url);
    const consent = await somebody.browser.submit(again, '/account/sign-in', { email: somebody.email, password });
    expect(consent.url.pathname).toMatch(/^\/interaction\//);
  }
  const young = await buildRequest(server, client, { scope, max_age: '60' });
  expect((await somebody.browser.open(young.url)).url.pathname).toMatch(/^\/interaction\//);
});

it('A16: max_age is compared with the age of the sign-in: after twenty seconds max_age=10 is exceeded, and max_age=30 is not', async () => {
  const somebody = await createOwner(server);
  await somebody.browser.open((await buildRequest(server, client)).url);
  const age = (seconds: number) =>
    server.db
      .updateTable('owner_sessions')
      .set({ authenticated_at: new Date(Date.now() - seconds * 1_000) })
      .where('account_id', '=', somebody.accountId)
      .execute();
  const ask = async (maxAge: string) =>
    (
      await somebody.browser.open(
        (
          await buildRequest(server, client, { scope: `openid ${usualScope}`, max_age: maxAge })
        ).url,
      )
    ).url.pathname;
  await age(20);
  expect(await ask('10')).toBe('/account/sign-in');
  expect(await ask('30')).toMatch(/^\/interaction\//);
});

it('A16: prompt=login asks for the password again, and auth_time is the time of the new sign-in', async () => {
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

it('A17: a code that is older than a minute is not redeemed', async () => {
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

it('A18: the forms for an account, a sign-in, a decision and a sign-out are answered with 303, and so is a posted request', async () => {
  const browser = new Browser(server.issuer);
  const submit = async (page: Page, action: string, fields: FormFields) => {
    const { status, headers } = await browser.submit(page, action, fields, { follow: false });
    return [status, new URL(String(headers.location), server.issuer).pathname];
  };
  const email = 'forms@example.com';
  const toPage = [303, expect.stringMatching(/^\/account/)];
  expect(await submit(await browser.open('/account/create'), '/account/create', { email, password })).toEqual(toPage);
  const decisions = [
    ['allow', 'code'],
    ['deny', 'error'],
  ] as const;
  for (const [decision, parameter] of decisions) {
    const consent = await browser.open((await buildRequest(server, client, { prompt: 'consent' })).url);
    const action = `${consent.url.pathname}/consent`;
    const answer = await browser.submit(consent, action, { ...keepAccess(consent), decision }, { follow: false });
    expect(answer.status).toBe(303);
    const after = await browser.open(new URL(header(answer, 'location'), server.issuer));
    expect([decision, after.url.origin, after.url.searchParams.has(parameter)]).toEqual([
      decision,
      'https://app.example',
      true,
    ]);
  }
  const { url } = await buildRequest(server, client);
  const posted = await browser.request('/authorize', { method: 'POST', body: url.searchParams.toString() });
  expect([posted.status, header(posted, 'location')]).toEqual([303, expect.stringContaining('/authorize?')]);
  expect(await submit(await browser.open('/account'), '/account/sign-out', {})).toEqual([303, expect.any(String)]);
  expect(await submit(await browser.open('/account/sign-in'), '/account/sign-in', { email, password })).toEqual(toPage);
});

it('A19: request objects are refused, by value and by reference, at both endpoints, and no URL in a request is fetched', async () => {
  let fetches = 0;
  const host = createServer((_request, response) => {
    fetches += 1;
    response.end('eyJhbGciOiJub25lIn0.e30.');
  });
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  const address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/request`;
  const metadata = json(await send(`${server.issuer}/.well-known/oauth-authorization-server`));
  const endpoint = String(metadata['pushed_authorization_request_endpoint']);
  try {
    for (const change of [
      { request_uri: address },
      { request_uri: 'https://evil.example/request' },
      { request_uri: 'urn:ietf:params:oauth:request_uri:unknown' },
      { request: 'eyJhbGciOiJub25lIn0.e30.' },
    ]) {
      const { error, page } = await ask(change);
      const isRefused = /^(invalid_request|request_not_supported|request_uri_not_supported|invalid_request_uri)$/;
      expect([change, error ?? page.status]).toEqual([change, expect.stringMatching(isRefused)]);
      const { url } = await buildRequest(server, client, change);
      const pushed = await callEndpoint(endpoint, client, Object.fromEntries(url.searchParams));
      expect([change, pushed.status, json(pushed)['error']]).toEqual([change, 400, expect.stringMatching(isRefused)]);
    }
    // OpenID Connect Discovery 1.0, section 3: false if it is absent
    expect(metadata['request_parameter_supported'] ?? false).toBe(false);
    expect(metadata['request_uri_parameter_supported']).toBe(false);
    expect(fetches).toBe(0);
  } finally {
    host.close();
  }
});

it('A20: a pushed request can be used only once, and only by the client that pushed it', async () => {
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

it('the page for a pushed request that is over leads to the app’s site, because only the app can start again', async () => {
  const redirectUris = ['https://app.example/callback', 'https://app.example/other'];
  const metadata = { client_uri: 'https://www.app.example/start' };
  const several = await addClient(server, { redirectUris, metadata });
  const open = (clientId: string) => {
    const request_uri = 'urn:ietf:params:oauth:request_uri:over';
    return owner.browser.open(`/authorize?${new URLSearchParams({ client_id: clientId, request_uri })}`);
  };
  const over = await open(several.id);
  expect([over.status, readText(over.text)]).toEqual([
    400,
    expect.stringMatching(/This request is over.*start again there\. Go to www\.app\.example .*invalid_request_uri/),
  ]);
  expect(over.text).toContain('<a role="button" href="https://www.app.example/start">');
  const places = ['https://one.example/callback', 'https://two.example/callback'];
  const nowhere = await open((await addClient(server, { redirectUris: places })).id);
  expect([nowhere.status, nowhere.text.includes('role="button"')]).toEqual([400, false]);
});

it('A21: a client that must push its requests cannot send them to /authorize directly', async () => {
  const strict = await addClient(server, { metadata: { require_pushed_authorization_requests: true } });
  expect((await ask({}, strict)).error).toBe('invalid_request');
});

it('C3: the owner is asked for consent every time if the client registered itself or could be an impostor', async () => {
  const doubtful = [
    await addClient(server, { isPublic: true }),
    await addClient(server, { registeredBy: 'registration' }),
    await addClient(server, { redirectUris: ['http://127.0.0.1:9000/cb'] }),
    await addClient(server, { redirectUris: ['com.example.app:/cb'], metadata: { application_type: 'native' } }),
  ];
  for (const of of doubtful) {
    await connect(server, owner.browser, of);
    const page = await owner.browser.open((await buildRequest(server, of)).url);
    expect(page.text).toContain('wants to use your AI account');
  }
  // for comparison: the operator registered this client, and it proves its identity
  const assured = await addClient(server);
  await connect(server, owner.browser, assured);
  const page = await owner.browser.open((await buildRequest(server, assured)).url);
  expect([page.url.origin, page.url.searchParams.has('code')]).toEqual(['https://app.example', true]);
});

it('for a client that the operator registered, the owner is asked only if no grant covers the request', async () => {
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

it('signing out revokes no grant, even if a consent page for its client is open', async () => {
  const somebody = await createOwner(server);
  const assured = await addClient(server);
  const tokens = await connect(server, somebody.browser, assured);
  const browser = new Browser(server.issuer);
  await browser.open('/account/sign-in');
  await signIn(browser, somebody.email);
  const consent = await browser.open((await buildRequest(server, assured, { prompt: 'consent' })).url);
  expect(consent.text).toContain('wants to use your AI account');
  await browser.submit(await browser.open('/logout'), '/logout/confirm', { logout: 'yes' });
  expect((await browser.open('/account/apps')).url.pathname).toBe('/account/sign-in');
  expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true });
  expect((await refresh(server, assured, tokens.refresh_token)).status).toBe(200);
});

it('after the owner’s session has ended, the owner has to sign in again', async () => {
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

/** Spellings of `/authorize` that a router may accept too. */
const variants = ['/Authorize', '/AUTHORIZE', '/authorize/', '/Authorize/', '//authorize', '/%61uthorize'];

it('L5: after a session has ended, no spelling of /authorize returns a code for its owner', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  const { url } = await buildRequest(server, client);
  expect((await somebody.browser.open(url)).url.searchParams.has('code')).toBe(true);
  const providerSessions = async () => {
    const rows = await server.db.selectFrom('artifacts').select('payload').where('model', '=', 'Session').execute();
    return rows.filter(({ payload }) => payload['accountId'] === somebody.accountId);
  };
  const expectNoCode = async () => {
    for (const path of variants) {
      const answer = await somebody.browser.request(`${server.issuer}${path}${url.search}`);
      expect([path, answer.status, answer.headers['location']]).toEqual([path, 404, undefined]);
    }
  };
  // As if our session had expired, while oidc-provider's own session has not changed yet.
  const [row] = await server.db
    .deleteFrom('owner_sessions')
    .where('account_id', '=', somebody.accountId)
    .returningAll()
    .execute();
  expect((await providerSessions()).length).toBe(1);
  await expectNoCode();
  if (row !== undefined) await server.db.insertInto('owner_sessions').values(row).execute();
  await somebody.browser.submit(await somebody.browser.open('/account/apps'), '/account/sign-out');
  expect(await providerSessions()).toEqual([]);
  await expectNoCode();
  expect((await somebody.browser.open(url)).url.pathname).toBe('/account/sign-in');
});

it('the sign-in page of an interaction names the client, and leads back to the interaction', async () => {
  const request = await buildRequest(server, client);
  const visitor = new Browser(server.issuer);
  const page = await visitor.open(request.url);
  expect(page.url.pathname).toBe('/account/sign-in');
  expect(page.text).toContain('Test App');
  expect(header(page, 'content-security-policy')).toContain("form-action 'self' https://app.example");
  const somebody = await createOwner(server);
  const consent = await visitor.submit(page, '/account/sign-in', { email: somebody.email, password });
  expect(consent.text).toContain('Test App');
  expect(consent.text).toContain('wants to use your AI account');
});
