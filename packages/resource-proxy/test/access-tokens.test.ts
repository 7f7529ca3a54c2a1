import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { CompactEncrypt, generateKeyPair } from 'jose';
import { TestIssuer } from './support/issuer.js';
import { sendRaw } from './support/send-raw.js';
import { chat, chatPath, resource, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await TestProxy.start();
});

beforeEach(() => {
  proxy.upstream.reset();
  proxy.issuer.isActive = true;
});

afterAll(() => proxy?.stop());

const seconds = () => Math.floor(Date.now() / 1000);

// The ids at the beginning of titles are rows of docs/security.md.
it('S1: a token of another issuer, audience, type or time is 401 invalid_token, and nothing is forwarded', async () => {
  const { grant } = await proxy.connect();
  const wrong: [string, Parameters<TestProxy['createToken']>[1]][] = [
    ['another audience', { claims: { aud: 'http://other.test' } }],
    ['two audiences', { claims: { aud: ['http://proxy.test', 'http://other.test'] } }],
    ['another issuer', { claims: { iss: 'http://other.test' } }],
    ['type JWT', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['an ID token', { header: { typ: undefined }, claims: { aud: 'client' } }],
    ['expired', { claims: { exp: seconds() - 90 } }],
    ['not valid yet', { claims: { nbf: seconds() + 90 } }],
    ['issued in the future', { claims: { iat: seconds() + 90 } }],
    ['without a grant', { claims: { grant_id: undefined } }],
    ['a grant that is not a string', { claims: { grant_id: 7 } }],
    ['without an expiry', { claims: { exp: undefined } }],
    ['without a jti', { claims: { jti: undefined } }],
  ];
  for (const [name, options] of wrong) {
    const answer = await proxy.chat(await proxy.createToken(grant, options));
    expect([name, answer.status]).toEqual([name, 401]);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer resource_metadata=".+", error="invalid_token"/);
    expect(await answer.json()).toMatchObject({ error: { code: 'invalid_token' } });
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('S2: a token with another algorithm, signing key or format is refused, and no URL in it is fetched', async () => {
  const { grant, token } = await proxy.connect();
  const fetched: string[] = [];
  const trap = createServer((request, response) => {
    fetched.push(request.url ?? '');
    response.end(JSON.stringify({ keys: [proxy.issuer.publicJwk] }));
  });
  await new Promise<void>((resolve) => {
    trap.listen(0, '127.0.0.1', resolve);
  });
  const trapUrl = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks`;
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const foreign = await generateKeyPair('ES256', { extractable: true });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const publicPem = new TextEncoder().encode(JSON.stringify(proxy.issuer.publicJwk).padEnd(64));
  const tokens: [string, string][] = [
    ['alg none', `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`],
    ['alg none, with a signature', `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.${signature}`],
    [
      'HS256 with the public key',
      await proxy.issuer.signWith(publicPem, claims, { alg: 'HS256', typ: 'at+jwt', kid: 'key-1' }),
    ],
    [
      'another key under our kid',
      await proxy.issuer.signWith(foreign.privateKey, claims, { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' }),
    ],
    ['an unknown kid', await proxy.createToken(grant, { header: { kid: 'key-2' } })],
    ['jku', await proxy.createToken(grant, { header: { jku: trapUrl } })],
    ['x5u', await proxy.createToken(grant, { header: { x5u: trapUrl } })],
    ['jwk', await proxy.createToken(grant, { header: { jwk: proxy.issuer.publicJwk } })],
    ['crit', await proxy.createToken(grant, { header: { crit: ['x'], x: 1 } })],
    ['a changed payload', `${header}.${encode({ ...claims, scope: 'model:gpt-4o cap:chat' })}.${signature}`],
    [
      'a JWE',
      await new CompactEncrypt(Buffer.from(token))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(new Uint8Array(32)),
    ],
    ['the JSON serialisation', JSON.stringify({ payload, signatures: [{ protected: header, signature }] })],
    ['a text that is not a token', 'abc'],
  ];
  for (const [name, value] of tokens) expect([name, (await proxy.chat(value)).status]).toEqual([name, 401]);
  expect(proxy.upstream.hits).toEqual([]);
  expect(fetched).toEqual([]);
  trap.close();
});

it('S3: a token in one header, or the same token in two headers, is accepted; a token in the URL and two different tokens are refused', async () => {
  const { token } = await proxy.connect();
  const body = JSON.stringify(chat);
  const head = (lines: string, query = '') =>
    `POST ${chatPath}${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${lines}\r\n${body}`;
  const cases: [string, string, number][] = [
    ['query key', head('', `?key=${token}`), 400],
    ['query access_token', head('', `?access_token=${token}`), 400],
    ['encoded query name', head('', `?k%65y=${token}`), 400],
    ['header and query', head(`authorization: Bearer ${token}\r\n`, `?access_token=${token}`), 400],
    [
      'another token in another line',
      head(`authorization: Bearer ${token}\r\nauthorization: Bearer ${token}x\r\n`),
      400,
    ],
    [
      'a second Authorization line with another scheme',
      head(`authorization: Bearer ${token}\r\nAuthorization: Basic eDp5\r\n`),
      400,
    ],
    ['another token in another header', head(`authorization: Bearer ${token}\r\nx-api-key: sk-${token}\r\n`), 400],
    ['no credential', head(''), 401],
  ];
  for (const [name, bytes, status] of cases) {
    const answer = await sendRaw(proxy.port, bytes);
    expect([name, answer.status]).toEqual([name, status]);
  }
  const refused = await sendRaw(proxy.port, head('', `?key=${token}`));
  expect(refused.text).toContain('send the access token in a header');
  expect(proxy.upstream.hits).toEqual([]);
  // in the body it is an unknown field, which is left out
  expect((await proxy.chat(token, { access_token: token })).status).toBe(200);
  expect(proxy.upstream.last.body.toString()).not.toContain('access_token');
  for (const lines of [
    `authorization: Bearer ${token}\r\nx-api-key: ${token}\r\n`,
    `x-goog-api-key: ${token}\r\nx-api-key: ${token}\r\n`,
  ])
    expect((await sendRaw(proxy.port, head(lines))).status).toBe(200);
});

it('S4: the scheme is Bearer, in upper or lower case, with one space and nothing after the token', async () => {
  const { token } = await proxy.connect();
  const ask = async (authorization: string) => (await proxy.chat(token, {}, { headers: { authorization } })).status;
  expect(await ask(`bEaReR ${token}`)).toBe(200);
  const hits = proxy.upstream.hits.length;
  for (const value of [
    `Bearer  ${token}`,
    `Bearer\t${token}`,
    `Bearer ${token} x`,
    `Bearer ${token},`,
    `Basic ${token}`,
    'Bearer',
    token,
  ])
    expect([value.slice(0, 12), await ask(value)]).toEqual([value.slice(0, 12), 401]);
  expect(proxy.upstream.hits.length).toBe(hits);
});

it('accepts the token in each header in which an SDK sends its API key', async () => {
  const { token } = await proxy.connect();
  const send = async (header: string) =>
    (
      await fetch(`${proxy.url}${chatPath}`, {
        method: 'POST',
        headers: {
          [header]: header === 'authorization' ? `Bearer ${token}` : token,
          'content-type': 'application/json',
        },
        body: JSON.stringify(chat),
      })
    ).status;
  for (const header of ['authorization', 'x-api-key', 'x-goog-api-key'])
    expect([header, await send(header)]).toEqual([header, 200]);
});

it('S7: clocks may differ by seconds, not by a minute and a half', async () => {
  const { grant } = await proxy.connect();
  const ask = async (claims: Record<string, unknown>) =>
    (await proxy.chat(await proxy.createToken(grant, { claims }))).status;
  expect(await ask({ exp: seconds() - 10 })).toBe(200);
  expect(await ask({ iat: seconds() + 10, nbf: seconds() + 10 })).toBe(200);
  expect(await ask({ exp: seconds() - 90 })).toBe(401);
  expect(await ask({ iat: seconds() + 90 })).toBe(401);
});

it('S7: a cached token still expires on time', async () => {
  let passedMilliseconds = 0;
  const own = await TestProxy.start({ now: () => Date.now() + passedMilliseconds });
  try {
    const token = await own.createToken(await own.createGrant(), { expiresInSeconds: 60 });
    expect((await own.chat(token)).status).toBe(200);
    passedMilliseconds = 60_000 + 16_000;
    const answer = await own.chat(token);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('expired');
    expect(own.issuer.introspections).toHaveLength(1);
  } finally {
    await own.stop();
  }
});

it('asks the issuer about a token once, even if many requests bring it at the same time', async () => {
  const { token } = await proxy.connect();
  const before = proxy.issuer.introspections.length;
  const answers = await Promise.all(Array.from({ length: 20 }, () => proxy.chat(token)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect(proxy.issuer.introspections.length - before).toBe(1);
  expect(proxy.issuer.introspections.at(-1)).toContain('token_type_hint=access_token');
});

it('3.4: a token that its issuer no longer knows is refused, even with a valid signature', async () => {
  const { token } = await proxy.connect();
  proxy.issuer.isActive = false;
  const asked = proxy.issuer.introspections.length;
  expect((await proxy.chat(token)).status).toBe(401);
  expect((await proxy.chat(token)).status).toBe(401);
  expect(proxy.issuer.introspections.length - asked).toBe(1);
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.4: the issuer is soon asked again about a token that it did not accept, and the token is served if it is accepted then', async () => {
  const own = await TestProxy.start({ limits: { refusedTokenMilliseconds: 50 } });
  try {
    const { token } = await own.connect();
    own.issuer.isActive = false;
    expect((await own.chat(token)).status).toBe(401);
    own.issuer.isActive = true;
    await waitUntil(async () => (await own.chat(token)).status === 200, 'the token is served again');
    // The issuer is not asked again about an accepted token. From then on, the grant's row decides.
    const asked = own.issuer.introspections.length;
    expect((await own.chat(token)).status).toBe(200);
    expect(own.issuer.introspections).toHaveLength(asked);
  } finally {
    await own.stop();
  }
});

it('3.4: a token that its issuer did not accept stays refused while the issuer cannot be asked', async () => {
  const own = await TestProxy.start({ limits: { refusedTokenMilliseconds: 50 } });
  try {
    const { token } = await own.connect();
    own.issuer.isActive = false;
    expect((await own.chat(token)).status).toBe(401);
    own.issuer.isActive = 'garbage';
    const asked = own.issuer.introspections.length;
    await waitUntil(async () => {
      expect((await own.chat(token)).status).toBe(401);
      return own.issuer.introspections.length > asked;
    }, 'the issuer is asked again');
    expect((await own.chat(token)).status).toBe(401);
    expect(own.upstream.hits).toEqual([]);
  } finally {
    await own.stop();
  }
});

it('when the issuer refuses the proxy’s credentials, requests are 503 and the log says why', async () => {
  const { token } = await proxy.connect();
  proxy.issuer.isActive = 'refuses-us';
  const answer = await proxy.chat(token);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(proxy.lines.some((line) => line.includes('"event":"introspection_refused"'))).toBe(true);
  proxy.issuer.isActive = true;
  expect((await proxy.chat(token)).status).toBe(200);
});

it('S8, F13: while its issuer is down, a proxy uses the signing keys that it has; if it has none, it answers 503', async () => {
  const issuer = await TestIssuer.start(resource);
  await issuer.stop();
  const fresh = await TestProxy.start({ issuer });
  try {
    const { grant, token } = await fresh.connect();
    expect((await fresh.chat(token)).status).toBe(503);
    expect(fresh.upstream.hits).toEqual([]);
    await fresh.issuer.listen();
    fresh.issuer.isActive = 'garbage';
    await sleep(1_100);
    expect((await fresh.chat(token)).status).toBe(200);
    await fresh.issuer.stop();
    expect((await fresh.chat(await fresh.createToken(grant))).status).toBe(200);
  } finally {
    await fresh.stop();
  }
});

it('M8, M9: without a token the answer says where to get one, and names no error', async () => {
  const answer = await fetch(`${proxy.url}${chatPath}`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(401);
  const location = `resource_metadata="http://proxy.test/.well-known/oauth-protected-resource${chatPath}"`;
  expect(answer.headers.get('www-authenticate')).toBe(
    `Bearer ${location}, scope="cap:chat", DPoP ${location}, algs="PS256 ES256 EdDSA Ed25519"`,
  );
  const metadata = (await (await fetch(`${proxy.url}/.well-known/oauth-protected-resource`)).json()) as Record<
    string,
    string[]
  >;
  expect(metadata).toMatchObject({
    resource: 'http://proxy.test',
    authorization_servers: [proxy.issuer.url],
    bearer_methods_supported: ['header'],
  });
  expect(metadata['scopes_supported']).toContain('cap:chat');
  expect(metadata['scopes_supported']).not.toContain('offline_access');
});

it('M8: the metadata names exactly the called resource, for plain paths of the proxy only (RFC 9728 section 3.3)', async () => {
  const ask = (path: string) => fetch(`${proxy.url}/.well-known/oauth-protected-resource${path}`);
  for (const path of [
    '',
    '/openai/v1',
    chatPath,
    '/google/v1beta/models/gemini-2.5-flash:generateContent',
    '/v1/grant',
  ])
    expect(await (await ask(path)).json()).toMatchObject({ resource: `http://proxy.test${path}` });
  for (const path of ['/', '//evil.example', '/a%22b', '/openai/..%2f'])
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
  for (const [target, named] of [
    ['/anthropic/v1/messages?beta=true', '/anthropic/v1/messages'],
    ['/v1/grant', '/v1/grant'],
  ] as const) {
    const method = target.startsWith('/v1') ? 'GET' : 'POST';
    const challenge = (await fetch(`${proxy.url}${target}`, { method })).headers.get('www-authenticate');
    expect(challenge).toContain(`resource_metadata="http://proxy.test/.well-known/oauth-protected-resource${named}"`);
  }
});

it('an API token of an owner is refused with the reason, and is neither logged nor forwarded', async () => {
  const token = `aipat_canary${'x'.repeat(37)}`;
  const answer = await proxy.chat(token);
  const text = await answer.text();
  expect([answer.status, text]).toEqual([401, expect.stringContaining('This is an API token of an account')]);
  expect(text + proxy.lines.join('')).not.toContain('canaryxxx');
});

it("an AI provider's key in place of an access token is refused with the reason, and is neither logged nor forwarded", async () => {
  const secret = 'sk-proj-canary4Xq7Lm2Rt9Wd1';
  const keys = [
    secret,
    'sk-ant-api03-canary4Xq7Lm2Rt9Wd1',
    'AIzacanary4Xq7Lm2Rt9Wd1',
    'sk-ant-oat01-canary4Xq7Lm2Rt9Wd1',
  ];
  for (const key of keys) {
    const answer = await proxy.chat(key);
    const text = await answer.text();
    expect([answer.status, text]).toEqual([401, expect.stringContaining('an API key of an AI provider')]);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(text).not.toContain('canary');
  }
  expect(proxy.upstream.hits).toEqual([]);
  expect(proxy.lines.join('')).not.toContain('canary4Xq7Lm2Rt9Wd1');
});
