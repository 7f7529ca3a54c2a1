import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadSpecification } from '@aipassport/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readForm } from './support/browser.js';
import { addClient, buildRequest, type TestClient } from './support/client.js';
import { type Answer, basic, json, type SentRequest, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
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

/** Texts that the server refuses in a URL or a form: control characters, noncharacters, invalid UTF-8, bad escapes. */
const malformed: readonly string[] = [
  '%00',
  'a%00b',
  '%1b%5b2J',
  '%7f',
  '%ff',
  '%c3%28',
  '%c0%80',
  '%ed%a0%80',
  '%f5%80%80%80',
  '%ef%bf%bf',
  '%',
  '%2',
  '%zz',
  '%u0000',
];
/** Unusual but valid texts. */
const unusual: readonly string[] = [
  '__proto__',
  'constructor',
  'e'.repeat(43).replaceAll('e', '%c3%a9'),
  '%f0%9f%92%a5',
  `${'%5b'.repeat(2_000)}`,
  '%7b%22a%22:'.repeat(300),
  '..%2f..%2f',
  '%e2%80%ae',
  '-1',
  '9'.repeat(400),
];

/** The names of the parameters of the protocol. The specification does not list all of them for each operation. */
const names = `
  client_id client_secret redirect_uri response_type scope state nonce login_hint prompt max_age resource
  authorization_details claims id_token_hint request request_uri ui_locales acr_values code_challenge
  code_challenge_method grant_type code code_verifier refresh_token token token_type_hint
  post_logout_redirect_uri logout xsrf response_mode display
`
  .trim()
  .split(/\s+/);

const { document } = loadSpecification('authorization-server');
/** Every operation of the specification. `endpoints.test.ts` checks that the specification has every endpoint. */
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    fields: [...new Set([...names, ...listFields(operation)])],
  })),
);

/** The names of an operation's query parameters and of the fields of its form. */
function listFields(operation: unknown): readonly string[] {
  const { parameters = [], requestBody } = follow(operation) as { parameters?: unknown[]; requestBody?: unknown };
  const query = parameters.map(follow).filter((one) => one['in'] === 'query');
  const { content = {} } = follow(requestBody) as { content?: Record<string, { schema: unknown }> };
  const schema = follow(content['application/x-www-form-urlencoded']?.schema);
  return [...query.map((one) => String(one['name'])), ...Object.keys(schema['properties'] ?? {})];
}

/** @returns the object to which a `$ref` of the specification points, or the value itself */
function follow(value: unknown): Readonly<Record<string, unknown>> {
  const { $ref: reference, ...own } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof reference !== 'string') return own;
  const [, , kind = '', name = ''] = reference.split('/');
  return follow((document.components[kind] as Readonly<Record<string, unknown>>)[name]);
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sends a request with the cookies of a signed-in browser. */
function ask(method: string, target: string, { headers = {}, body = '' }: SentRequest = {}): Promise<Answer> {
  const url = new URL(target, server.issuer);
  const cookie = owner.browser.cookieHeader(url);
  return send(url, { method, headers: { cookie, ...headers }, body });
}

function unexpected(): readonly string[] {
  return server.logLines.filter((line) => line.includes('unexpected_error'));
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.2: invalid text in the path, the query or the form gets 400 on every route except health checks, and is never an unexpected error', async () => {
  const wrong: string[] = [];
  let asked = 0;
  // Health checks read nothing from a request, and are answered before any other code runs.
  for (const { method, path } of routes.filter(({ path }) => !path.startsWith('/health')))
    for (const text of malformed) {
      const plain = path.replace(/\{\w+\}/, 'x'.repeat(20));
      const targets = [`${plain}?state=${text}`, `${plain}?${text}=x`, path.replace(/\{\w+\}/, `x${text}`)];
      const bodies = method === 'POST' ? [`token=${text}`, `${text}=x`] : [];
      const answers = await Promise.all([
        ...targets.filter((target) => target !== path).map((target) => ask(method, target)),
        ...bodies.map((body) => ask(method, plain, { headers: form, body })),
      ]);
      asked += answers.length;
      const odd = answers.filter(({ status }) => status !== 400);
      wrong.push(...odd.map(({ status }) => `${status} ${method} ${path} ${text}`));
    }
  expect(asked).toBeGreaterThan(1_000);
  expect(wrong).toEqual([]);
  expect(unexpected()).toEqual([]);
});

it('3.2: inputs that caused a 500 in earlier versions get a 400 that says what is wrong', async () => {
  const answers = await Promise.all([
    ...['/authorize', '/logout'].map((path) => ask('GET', `${path}?client_id=%00`)),
    ...['/par', '/token', '/introspect', '/revoke'].map((path) =>
      ask('POST', path, { headers: form, body: 'client_id=%00&client_secret=x' }),
    ),
    ask('GET', '/account/grants/%00'),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(json(answer)).toMatchObject({ error: 'invalid_request', error_description: expect.stringContaining('NUL') });
  }
  const request = await buildRequest(server, client);
  for (const name of ['state', 'login_hint', 'nonce', 'acr_values']) {
    const page = await owner.browser.open(`${request.url.href}&${name}=a%00`);
    expect([name, page.status]).toEqual([name, 400]);
  }
  const signInPage = await new Browser(server.issuer).open('/account/sign-in');
  const signedIn = await new Browser(server.issuer).submit(signInPage, '/account/sign-in', {
    email: 'a\0@example.com',
  });
  expect(signedIn.status).toBe(400);
  expect(unexpected()).toEqual([]);
});

it('3.2: escapes of invalid text are refused in JSON too: in authorization_details, claims and client metadata', async () => {
  const texts = [
    '"\\u0000"',
    '"a\\ud800"',
    '"\\udc00x"',
    '{"\\u0000":1}',
    '[["\\u001b"]]',
    `${'['.repeat(500)}${']'.repeat(500)}`,
  ];
  const request = await buildRequest(server, client);
  for (const text of texts) {
    const details = `[{"type":"ai_access","reason":${text.startsWith('"') ? text : '"x"'},"x":${text}}]`;
    const pushed = new URLSearchParams(request.url.search);
    pushed.set('authorization_details', details);
    const push = await ask('POST', '/par', {
      headers: { ...form, ...basic(client.id, client.secret ?? '') },
      body: pushed.toString(),
    });
    const registered = await ask('POST', '/register', {
      headers: { 'content-type': 'application/json' },
      body: `{"redirect_uris":["https://app.example/cb"],"client_name":${text.startsWith('"') ? text : '"x"'},"x":${text}}`,
    });
    const claims = await ask('GET', `/authorize?claims=${encodeURIComponent(`{"id_token":${text}}`)}&client_id=x`);
    expect([text, push.status, registered.status, claims.status]).toEqual([text, 400, 400, 400]);
  }
  expect(unexpected()).toEqual([]);
});

it('3.2: no text in any parameter of any route is answered with 5xx', async () => {
  const wrong: string[] = [];
  const note = (what: string, { status }: Answer) => {
    if (status >= 500) wrong.push(`${status} ${what}`);
  };
  for (const { method, path, fields } of routes)
    for (const text of unusual) {
      const all = fields.map((name) => `${name}=${text.slice(0, 96)}`).join('&');
      note(`${method} ${path} ${text}`, await ask(method, path.replace(/\{\w+\}/, text)));
      note(`${method} ${path}?${text}`, await ask(method, `${path.replace(/\{\w+\}/, 'x')}?${all}`));
      if (method !== 'POST') continue;
      const jsonBody = JSON.stringify(
        Object.fromEntries(fields.map((name) => [name, decodeURIComponent(text).slice(0, 500)])),
      );
      const body = { headers: { 'content-type': 'application/json' }, body: jsonBody };
      note(`${method} ${path} form ${text}`, await ask(method, path, { headers: form, body: all }));
      note(`${method} ${path} JSON ${text}`, await ask(method, path, body));
    }
  for (const name of names)
    for (const text of unusual.slice(0, 5)) {
      const request = await buildRequest(server, client);
      request.url.searchParams.delete(name);
      const query = `${request.url.searchParams}&${name}=${text}`;
      note(`authorize ${name}=${text}`, await ask('GET', `/authorize?${query}`));
      const headers = { ...form, ...basic(client.id, client.secret ?? '') };
      note(`/par ${name}=${text}`, await ask('POST', '/par', { headers, body: query }));
    }
  expect(wrong).toEqual([]);
  expect(unexpected()).toEqual([]);
});

it('3.2: no malformed header is answered with 5xx: credentials, changed cookies, origins, wrong lengths', async () => {
  const strange = [
    '%00',
    '\u00e9'.repeat(43),
    `x.${'\u00e9'.repeat(43)}`,
    '"',
    'a=b; c',
    '\u00ff',
    '=',
    '.',
    `${'a'.repeat(4_000)}`,
  ];
  const encodings = ['\0:\0', 'a:%00', '\u{1f4a5}:x', '%:%', ':', `${client.id}:\u0000`].map((text) =>
    Buffer.from(text),
  );
  const credentials = [...encodings, Buffer.from([0xff, 0x3a, 0xfe])].map(
    (bytes) => `Basic ${bytes.toString('base64')}`,
  );
  const page = await owner.browser.open('/account/sign-in?again=true');
  const signIn = new URLSearchParams(readForm(page.text, '/account/sign-in') as Record<string, string>);
  const statuses: number[] = [];
  for (const authorization of [...credentials, 'Basic', 'Basic ====', 'Bearer \u00ff'])
    for (const path of ['/par', '/token', '/introspect', '/revoke', '/register'])
      statuses.push((await ask('POST', path, { headers: { ...form, authorization }, body: 'token=x' })).status);
  for (const value of strange)
    for (const { name } of [
      ...owner.browser.cookies.values(),
      { name: 'aipassport_session' },
      { name: 'aipassport_session.sig' },
    ]) {
      const rest = [...owner.browser.cookies.values()].filter((cookie) => cookie.name !== name);
      const cookie = [...rest, { name, value }].map((one) => `${one.name}=${one.value}`).join('; ');
      for (const path of ['/account/apps', '/authorize?client_id=x', '/logout', '/interaction/xxxxxxxxxxxx'])
        statuses.push((await ask('GET', path, { headers: { cookie } })).status);
      signIn.set('email', owner.email);
      statuses.push(
        (await ask('POST', '/account/sign-in', { headers: { ...form, cookie }, body: signIn.toString() })).status,
      );
      signIn.set('csrf_token', value);
      statuses.push(
        (await ask('POST', '/account/sign-in', { headers: { ...form, cookie }, body: signIn.toString() })).status,
      );
    }
  for (const origin of strange)
    for (const name of ['origin', 'x-forwarded-for', 'accept', 'accept-language', 'x-request-id', 'sec-fetch-site'])
      statuses.push((await ask('POST', '/token', { headers: { ...form, [name]: origin }, body: '' })).status);
  for (const type of [
    'application/x-www-form-urlencoded; charset=utf-16',
    'application/x-www-form-urlencoded; charset=\u00ff',
    'application/json; charset=latin1',
    'x',
  ])
    statuses.push((await ask('POST', '/token', { headers: { 'content-type': type }, body: 'a=b' })).status);
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  expect(unexpected()).toEqual([]);
});

it('3.2: a body that ends before its announced length is not logged as an error of the server', async () => {
  const socket = connect(Number(new URL(server.issuer).port), '127.0.0.1');
  const host = new URL(server.issuer).host;
  socket.write(
    `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${form['content-type']}\r\nContent-Length: 100\r\n\r\ntoken=`,
  );
  await sleep(100);
  socket.destroy();
  await waitFor(() => server.logLines.some((line) => line.includes('ended before its whole body')));
  expect(unexpected()).toEqual([]);
});

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries += 1) {
    if (tries > 100) throw new Error('the expected log line did not appear');
    await sleep(50);
  }
}
