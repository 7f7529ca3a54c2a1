import { upsertClient } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chatPath, origin, TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect());
  await upsertClient(proxy.database.db, {
    id: 'other',
    name: 'Other',
    metadata: {},
    secretHash: undefined,
    webOrigins: ['https://other.example'],
    registeredBy: 'registration',
  });
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const preflight = (from: string, path = chatPath) =>
  fetch(`${proxy.url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin: from,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-stainless-lang',
    },
  });

// The ids at the beginning of titles are rows of docs/security.md.
it('S13: a preflight from a registered origin is answered for that origin, on every path', async () => {
  for (const path of [
    chatPath,
    '/anthropic/v1/messages',
    '/google/v1/models/gemini-2.5-flash:generateContent',
    '/v1/grant',
  ]) {
    const answer = await preflight(origin, path);
    expect([path, answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([path, 204, origin]);
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type,x-stainless-lang');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('vary')).toContain('Origin');
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('S13: every origin may read the metadata, since it holds no personal data', async () => {
  for (const path of ['', '/openai/v1', '/anthropic/v1/messages']) {
    const metadata = `/.well-known/oauth-protected-resource${path}`;
    expect((await preflight('https://anybody.example', metadata)).headers.get('access-control-allow-origin')).toBe('*');
    const answer = await fetch(`${proxy.url}${metadata}`, { headers: { origin: 'https://anybody.example' } });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  }
});

it('S13: an origin that is not registered may not read answers of the API', async () => {
  for (const from of [
    'https://evil.example',
    'null',
    `${origin}.evil.example`,
    'https://APP.example',
    'http://app.example',
    `${origin}:444`,
    '*',
    `${origin}/`,
  ]) {
    const answer = await preflight(from);
    expect([from, answer.headers.get('access-control-allow-origin')]).toEqual([from, null]);
    const real = await proxy.chat(token, {}, { headers: { origin: from } });
    expect([from, real.headers.get('access-control-allow-origin')]).toEqual([from, null]);
  }
});

it('S13: an answer is readable from the token’s own client’s origin, not from another client’s', async () => {
  const own = await proxy.chat(token, {}, { headers: { origin } });
  expect([own.status, own.headers.get('access-control-allow-origin'), own.headers.get('vary')]).toEqual([
    200,
    origin,
    'Origin',
  ]);
  expect(own.headers.get('access-control-expose-headers')).toContain('retry-after');
  const foreign = await proxy.chat(token, {}, { headers: { origin: 'https://other.example' } });
  expect([foreign.headers.get('access-control-allow-origin'), foreign.headers.get('vary')]).toEqual([null, 'Origin']);
  for (const path of ['/v1/grant', '/openai/v1/models']) {
    const answer = await fetch(`${proxy.url}${path}`, { headers: { origin, authorization: `Bearer ${token}` } });
    expect([path, answer.headers.get('access-control-allow-origin')]).toEqual([path, origin]);
  }
});

it.each(['http://localhost:5173', 'http://127.0.0.1:5173', 'http://[::1]:5173'])(
  'S13: a page at %s may read the answers to an app that registered this origin; a page at another port, name or scheme may not',
  async (home) => {
    const { db } = proxy.database;
    const app = { id: `app at ${home}`, name: 'Local', metadata: {}, secretHash: undefined };
    await upsertClient(db, { ...app, webOrigins: [home], registeredBy: 'registration' });
    const grant = await proxy.createGrant();
    await db.updateTable('grants').set({ client_id: app.id }).where('id', '=', grant.id).execute();
    const ownToken = await proxy.createToken(grant, { claims: { client_id: app.id } });
    const ask = async (from: string) => {
      const asked = await preflight(from);
      const answer = await proxy.chat(ownToken, {}, { headers: { origin: from } });
      const names = [asked, answer].map(({ headers }) => headers.get('access-control-allow-origin'));
      return [asked.status, answer.status, ...names];
    };
    expect(await ask(home)).toEqual([204, 200, home, home]);
    const others = [
      home.replace('5173', '5174'),
      home.replace(':5173', ''),
      home.replace('http:', 'https:'),
      home.replace(/\/\/[^/]*:5173/, '//app.localhost:5173'),
    ];
    for (const other of others) expect([other, ...(await ask(other))]).toEqual([other, 204, 200, null, null]);
  },
);

it('a page of a registered origin may read the reason of a refusal, with or without a valid token', async () => {
  const refusals = [
    await proxy.chat('nobody', {}, { headers: { origin } }),
    await proxy.chat(token, { model: 'gpt-4o' }, { headers: { origin } }),
    await fetch(`${proxy.url}/v1/grant`, { headers: { origin } }),
  ];
  expect(refusals.map(({ status, headers }) => [status, headers.get('access-control-allow-origin')])).toEqual([
    [401, origin],
    [403, origin],
    [401, origin],
  ]);
});

it('an OPTIONS request without preflight headers is answered 405, like every method that the path does not have', async () => {
  const answer = await fetch(`${proxy.url}${chatPath}`, { method: 'OPTIONS', headers: { origin } });
  expect(answer.status).toBe(405);
});
