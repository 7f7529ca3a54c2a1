import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readForm } from './support/browser.js';
import { addClient, buildRequest, decide, introspect, redeem, refresh, revoke } from './support/client.js';
import { type Answer, basic, encodeForm, json, postForm, send } from './support/http.js';
import { createOwner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const logged = () => server.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);

// The ids at the beginning of titles are rows of docs/security.md.
it('G1: no log line contains a password, code, token, cookie, client secret, state or verifier', async () => {
  const secrets = new Map<string, string>();
  const owner = await createOwner(server);
  const client = await addClient(server);
  const request = await buildRequest(server, client, {
    nonce: 'CANARY-nonce',
    login_hint: 'CANARY-hint',
    scope: 'openid model:gpt-4o cap:chat',
  });
  const back = await decide(owner.browser, request, 'allow');
  const code = back.url.searchParams.get('code') ?? '';
  const tokens = json(await redeem(server, client, { code, codeVerifier: request.codeVerifier }));
  await redeem(server, client, { code, codeVerifier: request.codeVerifier });
  await introspect(server, String(tokens['access_token']));
  await refresh(server, client, String(tokens['refresh_token']));
  await revoke(server, client, String(tokens['refresh_token']));
  await postForm(
    `${server.issuer}/token`,
    { grant_type: 'refresh_token', refresh_token: 'CANARY-refresh' },
    { authorization: `Basic ${Buffer.from(`${client.id}:CANARY-secret`).toString('base64')}` },
  );
  await send(`${server.issuer}/token?client_secret=CANARY-query`, { method: 'POST' });
  await signIn(owner.browser, owner.email, 'CANARY-wrong-password');
  await signIn(owner.browser, owner.email);
  await new Browser(server.issuer).open('/account/sign-in?return_to=CANARY-return');
  await new Browser(server.issuer).open('/interaction/CANARY-interaction');
  secrets.set('password', password).set('code', code).set('state', request.state).set('verifier', request.codeVerifier);
  secrets.set('client secret', client.secret ?? '');
  for (const name of ['access_token', 'refresh_token', 'id_token']) secrets.set(name, String(tokens[name]));
  for (const { name, value } of owner.browser.cookies.values()) secrets.set(`cookie ${name}`, value);
  const text = server.logLines.join('\n');
  for (const [name, secret] of secrets)
    expect([name, secret.length > 10 && text.includes(secret)]).toEqual([name, false]);
  expect(text).not.toContain('CANARY');
  expect(text).not.toContain(owner.email);
});

it('G1: no error answer repeats a password, code, token, secret, state or verifier', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server);
  const request = await buildRequest(server, client, { state: 'CANARY-state' });
  const back = await decide(owner.browser, request, 'allow');
  const code = back.url.searchParams.get('code') ?? '';
  const tokenUrl = `${server.issuer}/token`;
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const refreshing = { grant_type: 'refresh_token', refresh_token: 'CANARY-refresh' };
  const wrongVerifier = await redeem(server, client, { code, codeVerifier: `CANARY${'x'.repeat(43)}` });
  const answers: Readonly<Record<string, Answer>> = {
    'a wrong verifier': wrongVerifier,
    'an unknown code': await redeem(server, client, { code: 'CANARY-code', codeVerifier: request.codeVerifier }),
    'an unknown refresh token': await refresh(server, client, 'CANARY-refresh'),
    'a wrong secret': await postForm(tokenUrl, refreshing, basic(client.id, 'CANARY-secret')),
    'a secret in the query': await send(`${tokenUrl}?client_secret=CANARY-query`, { method: 'POST' }),
    'a code in the query': await send(`${tokenUrl}?code=CANARY-code`),
    'a form that is JSON': await send(tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"refresh_token":"CANARY-refresh"}',
    }),
    'a token at the userinfo endpoint': await send(`${server.issuer}/userinfo`, bearer('CANARY.token.x')),
    'a token at the JSON API': await send(`${server.issuer}/api/account`, bearer('aipat_CANARY')),
    'a wrong password': await signIn(new Browser(server.issuer), owner.email, 'CANARY-wrong-password'),
    'an unknown interaction': await owner.browser.open('/interaction/CANARY-interaction'),
    'an unknown path': await owner.browser.open('/CANARY-path?state=CANARY-state'),
    'an unknown client': await owner.browser.open('/authorize?client_id=CANARY-client&state=CANARY-state'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    expect([name, answer.status >= 400]).toEqual([name, true]);
    for (const secret of ['CANARY', code, request.codeVerifier, client.secret ?? '', password])
      expect([name, `${JSON.stringify(answer.headers)}${answer.text}`.includes(secret)]).toEqual([name, false]);
  }
});

it('G4: no request can forge a log line: each line is one JSON object with an event', async () => {
  await send(`${server.issuer}/x%0d%0a{"event":"forged"}%1b[31m`, { headers: { 'user-agent': 'a\t{b' } });
  const client_name = 'App\r\n{"event":"forged"}\u001b[31m';
  const registration = JSON.stringify({ client_name, redirect_uris: ['https://app.example/cb'] });
  const json = { 'content-type': 'application/json' };
  const registered = await send(`${server.issuer}/register`, { method: 'POST', headers: json, body: registration });
  expect(registered.status).toBe(400);
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/sign-in');
  const body = encodeForm({
    ...readForm(page.text, '/account/sign-in'),
    email: 'a@b.example\r\n{"event":"forged"}',
    password: 'x',
  });
  await browser.request('/account/sign-in', { method: 'POST', body });
  for (const line of server.logLines) {
    expect(line.trimEnd().split('\n').length).toBe(1);
    expect(line).not.toContain('\u001b');
  }
  for (const entry of logged())
    expect(entry).toEqual(expect.objectContaining({ event: expect.any(String), at: expect.any(String) }));
  expect(logged().filter(({ event }) => event === 'forged')).toEqual([]);
});

it('G4: a client’s name and a User-Agent with control characters forge no log line', async () => {
  const hostile = 'App\r\n{"event":"forged"}\u001b[31m\u0085\u2028\u007f';
  const client = await addClient(server, { name: hostile, registeredBy: 'registration' });
  const owner = await createOwner(server);
  const request = await buildRequest(server, client);
  const back = await decide(owner.browser, request, 'allow');
  const redemption = { code: back.url.searchParams.get('code') ?? '', codeVerifier: request.codeVerifier };
  for (const status of [200, 400]) expect((await redeem(server, client, redemption)).status).toBe(status);
  const agents = ['a\t{"event":"forged"}', 'Mozilla/5.0 \u009b31m\u0085 (X11)', '\u00e9\u00ff'];
  for (const userAgent of agents) await send(`${server.issuer}/nothing`, { headers: { 'user-agent': userAgent } });
  await owner.browser.open('/account/activity');
  // RFC 8259 escapes C0 only; DEL, C1 and the line separators could still move a terminal's cursor or end a line.
  for (const line of server.logLines) expect(line.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  expect(logged().filter(({ event }) => event === 'forged')).toEqual([]);
});

it('the log names the check that refused a request, and the request’s identifier', async () => {
  const client = await addClient(server);
  const answer = await redeem(server, client, { code: 'unknown', codeVerifier: 'x'.repeat(43) });
  const line = logged().find(
    ({ request_id: id, event }) => id === answer.headers['x-request-id'] && event === 'request_refused',
  );
  expect(line).toMatchObject({
    endpoint: 'token',
    reason: 'invalid_grant',
    detail: 'authorization code not found',
    client_id: client.id,
  });
});

it('the log line of a request names its IP address, its account and its client', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server);
  const request = await buildRequest(server, client);
  const back = await decide(owner.browser, request, 'allow');
  const code = back.url.searchParams.get('code') ?? '';
  const redeemed = await redeem(server, client, { code, codeVerifier: request.codeVerifier });
  const lineOf = (answer: Answer) =>
    logged().find(({ request_id: id, event }) => id === answer.headers['x-request-id'] && event === 'request');
  const from = { address: '127.0.0.1', account_id: owner.accountId };
  expect(lineOf(redeemed)).toMatchObject({ ...from, path: '/token', client_id: client.id, status: 200 });
  expect(logged().findLast(({ path, status }) => path === '/interaction/:uid' && status === 303)).toMatchObject(from);
  const unknown = await redeem(server, client, { code: 'unknown', codeVerifier: 'x'.repeat(43) });
  expect(lineOf(unknown)).toMatchObject({ address: '127.0.0.1', client_id: client.id, status: 400 });
  expect(lineOf(unknown)).not.toHaveProperty('account_id');
});

it('a well-formed x-request-id is in the answer, in each line and in the audit log; any other is replaced', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server);
  const request = await buildRequest(server, client);
  const back = await decide(owner.browser, request, 'allow');
  const form = {
    grant_type: 'authorization_code',
    code: back.url.searchParams.get('code') ?? '',
    code_verifier: request.codeVerifier,
    redirect_uri: client.redirectUri,
  };
  const ask = (id: string) =>
    postForm(`${server.issuer}/token`, form, { ...basic(client.id, client.secret ?? ''), 'x-request-id': id });
  const given = 'edge-01JEX4AMPLE.of_34-characters_x';
  const answer = await ask(given);
  expect([answer.status, answer.headers['x-request-id']]).toEqual([200, given]);
  expect(logged().filter(({ request_id: id }) => id === given)).not.toEqual([]);
  const rows = await server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('client_id', '=', client.id)
    .where('event', '=', 'token_issued')
    .execute();
  expect(rows.map(({ detail }) => detail['request_id'])).toEqual([given]);
  const refused = await ask('given-again');
  expect([refused.status, refused.headers['x-request-id']]).toEqual([400, 'given-again']);
  const token = 'canary-token-of-43-characters-0123456789abc';
  for (const strange of ['x'.repeat(37), 'two words', 'a,b', '{"event":"forged"}', token, 'caf\u00e9']) {
    const other = await ask(strange);
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(server.logLines.join('')).not.toContain(JSON.stringify(strange).slice(1, -1));
  }
});

it('G2: consent, denial, tokens and revocation are recorded in the audit log', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server);
  const request = await buildRequest(server, client);
  const back = await decide(owner.browser, request, 'allow');
  const tokens = json(
    await redeem(server, client, { code: back.url.searchParams.get('code') ?? '', codeVerifier: request.codeVerifier }),
  );
  await refresh(server, client, String(tokens['refresh_token']));
  await revoke(server, client, String(tokens['access_token']));
  await decide(owner.browser, await buildRequest(server, client), 'deny');
  const rows = await server.db
    .selectFrom('audit_events')
    .selectAll()
    .where('client_id', '=', client.id)
    .orderBy('id')
    .execute();
  expect(rows.map(({ event, detail }) => [event, detail['grant_type'] ?? detail['reason']])).toEqual([
    ['consent_given', undefined],
    ['token_issued', 'authorization_code'],
    ['token_issued', 'refresh_token'],
    ['grant_revoked', 'client'],
    ['consent_denied', undefined],
  ]);
});
