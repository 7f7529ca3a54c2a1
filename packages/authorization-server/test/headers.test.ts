import { connect } from 'node:net';
import { setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { endpoints } from '../src/endpoints.js';
import { Browser, readForm } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { type Answer, encodeForm, header, json, send } from './support/http.js';
import { createOwner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let https: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  https = await startTestServer({ configuration: { issuer: 'https://as.example', trustedProxyHops: 1 } });
});
afterAll(async () => {
  await server.close();
  await https.close();
});

/** Sends these bytes. @returns everything that the server answered */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.configuration.port, '127.0.0.1', () => socket.end(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

/** The nonce of the page's policy; undefined for a page without scripts. */
function readNonce(answer: Answer): string | undefined {
  return /'nonce-([\w-]+)'/.exec(header(answer, 'content-security-policy'))?.[1];
}

function expectSafe(answer: Answer): void {
  const policy = header(answer, 'content-security-policy');
  for (const directive of [
    "default-src 'none'",
    "style-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ])
    expect(policy).toContain(directive);
  expect(policy).not.toMatch(/unsafe|\*/);
  // Only pages that load a script of ours may run one, by its nonce.
  expect([...policy.matchAll(/script-src[^;]*/g)].map(String)).toEqual(
    answer.text.includes('<script') ? [`script-src 'nonce-${readNonce(answer)}'`] : [],
  );
  expect(header(answer, 'x-frame-options')).toBe('DENY');
  expect(header(answer, 'x-content-type-options')).toBe('nosniff');
  expect(header(answer, 'referrer-policy')).toBe('no-referrer');
  expect(header(answer, 'cross-origin-opener-policy')).toBe('same-origin');
  expect(header(answer, 'x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.headers['x-powered-by']).toBeUndefined();
}

// The ids at the beginning of titles are rows of docs/security.md.
it('C8, H1: pages cannot be framed, load nothing from elsewhere and are not cached, including oidc-provider’s errors and logout', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server);
  const { url } = await buildRequest(server, client);
  const visitor = new Browser(server.issuer);
  const pages = [
    await visitor.open('/account/sign-in'),
    await visitor.open('/account/create'),
    await visitor.open('/nothing'),
    await visitor.open('/authorize?client_id=nobody'),
    await visitor.open('/authorize'),
    await visitor.open('/interaction/never-was'),
    await visitor.open('/logout'),
    await visitor.open(url),
    await owner.browser.open('/account/apps'),
    await owner.browser.open('/account/keys'),
    await owner.browser.open('/account/settings'),
    await owner.browser.open('/account/grants/never-was-anything'),
    await owner.browser.open(url),
    await owner.browser.open('/logout'),
    await owner.browser.open('/logout/success'),
  ];
  for (const page of pages) {
    expect([page.url.pathname, header(page, 'content-type')]).toEqual([page.url.pathname, 'text/html; charset=utf-8']);
    expectSafe(page);
    expect([page.url.pathname, header(page, 'cache-control')]).toEqual([
      page.url.pathname,
      expect.stringContaining('no-store'),
    ]);
    expect(page.text).not.toMatch(/\sstyle=|\son[a-z]+=|javascript:/);
    // A page contains no script itself. At most, it loads a file of ours.
    const script = `<script src="/assets/[\\da-f]{16}\\.js" nonce="${readNonce(page)}" defer></script>`;
    expect(page.text.replaceAll(new RegExp(script, 'g'), '')).not.toContain('<script');
    expect(page.text).toMatch(/^<!doctype html><html lang="en">/i);
  }
});

it('C8: no answer to any path and method can be framed, neither a visitor’s nor an operator’s', async () => {
  const operator = await createOwner(server);
  await setOperator(server.db, operator.accountId, true);
  const pages = new Set<string>();
  for (const { path, methods, answers } of endpoints)
    for (const method of methods)
      for (const browser of [new Browser(server.issuer), operator.browser]) {
        const form = method === 'POST' ? { body: 'unknown=field' } : {};
        const answer = await browser.request(path.replace(/:\w+/, 'x'.repeat(22)), { method, ...form });
        const policy = header(answer, 'content-security-policy');
        expect([method, path, policy.includes("frame-ancestors 'none'"), header(answer, 'x-frame-options')]).toEqual([
          method,
          path,
          true,
          'DENY',
        ]);
        if (header(answer, 'content-type').startsWith('text/html')) pages.add(`${method} ${path}`);
        else expect([method, path, answer.status < 400 || answers !== 'page']).toEqual([method, path, true]);
      }
  // Error pages are counted too: the identifiers in the paths are unknown, and the forms are invalid.
  expect(pages.size).toBeGreaterThan(60);
});

it('H1: with an issuer of https, every answer tells browsers to use https only; with http, none does', async () => {
  for (const [of, expected] of [
    [https, 'max-age=31536000'],
    [server, undefined],
  ] as const)
    for (const { path, methods } of endpoints)
      for (const method of methods) {
        const url = `http://127.0.0.1:${of.configuration.port}${path.replace(/:\w+/, 'x'.repeat(22))}`;
        const { host } = new URL(of.configuration.issuer);
        const form = { 'content-type': 'application/x-www-form-urlencoded' };
        const request =
          method === 'POST' ? { headers: { host, ...form }, body: 'unknown=field' } : { headers: { host } };
        const answer = await send(url, { method, ...request });
        expect([method, path, answer.headers['strict-transport-security']]).toEqual([method, path, expected]);
      }
});

it('H1: the nonce of a page’s scripts has 128 bits and is new for each answer', async () => {
  const owner = await createOwner(server);
  const { url } = await buildRequest(server, await addClient(server));
  const pages = [
    await new Browser(server.issuer).open('/account/sign-in'),
    await new Browser(server.issuer).open('/account/sign-in'),
    await owner.browser.open(url),
    await owner.browser.open(url),
  ];
  const nonces = pages.map((page) => readNonce(page) ?? '');
  expect(nonces.map((nonce) => Buffer.from(nonce, 'base64url').length)).toEqual([16, 16, 16, 16]);
  expect(new Set(nonces).size).toBe(4);
});

it('H1: form-action lets the consent page lead to its client and nowhere else', async () => {
  const owner = await createOwner(server);
  for (const [redirectUri, source] of [
    ['https://app.example:8443/cb', 'https://app.example:8443'],
    ['com.example.app:/cb', 'com.example.app:'],
    ['http://127.0.0.1:7777/cb', 'http://127.0.0.1:7777'],
  ] as const) {
    const client = await addClient(server, {
      isPublic: true,
      redirectUris: [redirectUri],
      metadata: { application_type: 'native' },
    });
    const page = await owner.browser.open((await buildRequest(server, client)).url);
    expect(header(page, 'content-security-policy').split('form-action ')[1]).toBe(`'self' ${source}`);
  }
});

it('the stylesheet may be cached for ever, because its URL changes with its content', async () => {
  const page = await new Browser(server.issuer).open('/account/sign-in');
  const path = /href="(\/assets\/[^"]+)"/.exec(page.text)?.[1] ?? '';
  const css = await send(`${server.issuer}${path}`);
  expect([css.status, header(css, 'content-type'), header(css, 'cache-control')]).toEqual([
    200,
    'text/css; charset=utf-8',
    'public, max-age=31536000, immutable',
  ]);
});

it('H2: unused methods, such as TRACE, are refused', async () => {
  for (const method of ['TRACE', 'PUT', 'PROPFIND']) {
    const answer = await send(`${server.issuer}/account/sign-in`, { method });
    expect([method, answer.status]).toEqual([method, 405]);
  }
  // no connection is made to the other host
  expect(await sendRaw('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n')).not.toContain(' 200 ');
  // other endpoints accept these methods
  for (const [path, method, allow] of [
    ['/account/sign-in', 'DELETE', 'GET, POST, HEAD, OPTIONS'],
    ['/token', 'GET', 'POST, OPTIONS'],
    ['/token', 'HEAD', 'POST, OPTIONS'],
    ['/api/account', 'POST', 'GET, PATCH, HEAD, OPTIONS'],
  ] as const) {
    const answer = await send(`${server.issuer}${path}`, { method });
    expect([path, method, answer.status, header(answer, 'allow')]).toEqual([path, method, 405, allow]);
  }
  expect((await send(`${server.issuer}/nothing`, { method: 'DELETE' })).status).toBe(404);
});

it('H4: a request with another Host is refused, forwarded headers change no URL, and internal host names reach internal endpoints', async () => {
  const forged = [
    { host: 'evil.example' },
    { host: `evil.example:${server.configuration.port}` },
    { host: 'localhost' },
  ];
  for (const headers of forged)
    for (const path of ['/.well-known/openid-configuration', '/authorize', '/token', '/account/sign-in', '/register']) {
      const answer = await send(`${server.issuer}${path}`, { headers });
      expect([path, answer.status]).toEqual([path, 421]);
      expect(answer.text).not.toContain('evil.example');
    }
  for (const path of ['/health', '/jwks'])
    expect((await send(`${server.issuer}${path}`, { headers: { host: 'authorization-server:4000' } })).status).toBe(
      200,
    );
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher', forwarded: 'host=evil.example' };
  const { url } = await buildRequest(server, await addClient(server));
  const registration = JSON.stringify({ redirect_uris: ['https://app.example/cb'] });
  const answers = [
    await send(`${server.issuer}/.well-known/openid-configuration`, { headers }),
    await send(url, { headers: { ...headers, accept: 'text/html' } }),
    await send(`${server.issuer}/account/sign-in`, { headers: { ...headers, accept: 'text/html' } }),
    await send(`${server.issuer}/account/apps`, { headers: { ...headers, accept: 'text/html' } }),
    await send(`${server.issuer}/register`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: registration,
    }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 303, 200, 303, 201]);
  for (const answer of answers) {
    expect(`${JSON.stringify(answer.headers)}${answer.text}`).not.toMatch(/evil|gopher/);
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) expect(cookie).not.toMatch(/; domain=/i);
  }
});

it('H4: a request without a host, or with the absolute URL of another host, is refused', async () => {
  expect(await sendRaw('GET /authorize HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 4\d\d/);
  const absolute = await sendRaw(
    'GET http://evil.example/.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  );
  expect(absolute).toMatch(/^HTTP\/1\.1 421/);
});

it('L4: over https cookies are Secure, HttpOnly and SameSite, and have the prefixes that bind them to the host', async () => {
  const headers = { host: 'as.example', accept: 'text/html' };
  const local = `http://127.0.0.1:${https.configuration.port}`;
  const page = await send(`${local}/account/sign-in`, { headers });
  expect(header(page, 'strict-transport-security')).toBe('max-age=31536000');
  const client = await addClient(https);
  const { url } = await buildRequest(https, client);
  const started = await send(`${local}${url.pathname}${url.search}`, { headers });
  expect(header(started, 'location')).toMatch(/^(https:\/\/as\.example)?\/interaction\//);
  const cookiesOf = (answer: Answer) => [answer.headers['set-cookie'] ?? []].flat();
  const form = await send(`${local}/account/create`, { headers });
  const signedIn = await send(`${local}/account/create`, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://as.example',
      'sec-fetch-site': 'same-origin',
      cookie: cookiesOf(form)
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    },
    body: encodeForm({ ...readForm(form.text, '/account/create'), email: 'https@example.com', password }),
  });
  expect([signedIn.status, header(signedIn, 'location')]).toEqual([303, expect.stringContaining('/account')]);
  const cookies = [page, started, form, signedIn].flatMap(cookiesOf);
  expect(cookies.filter((cookie) => cookie.startsWith('__Host-aipassport_owner='))).toHaveLength(1);
  expect(cookies.length).toBeGreaterThanOrEqual(3);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^__(Host|Secure)-aipassport_/);
    expect(cookie).toMatch(/; secure/i);
    expect(cookie).toMatch(/; httponly/i);
    expect(cookie).toMatch(/; samesite=lax/i);
    if (cookie.startsWith('__Host-')) expect(cookie).toMatch(/; path=\/(;|$)/i);
  }
  const metadata = json(await send(`${local}/.well-known/oauth-authorization-server`, { headers }));
  expect(metadata['token_endpoint']).toBe('https://as.example/token');
});
