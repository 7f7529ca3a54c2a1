import { afterEach, expect, it } from '@jest/globals';
import { generateKeyPair } from 'jose';
import { type TestGrant, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;

afterEach(() => proxy?.stop());

/** Forged tokens of the grant. Each has its own key id, unless `kid` is given. */
async function inventTokens(grant: TestGrant, count: number, kid?: string): Promise<string[]> {
  const { privateKey } = await generateKeyPair('ES256');
  const claims = { sub: grant.accountId, grant_id: grant.id, scope: grant.scope };
  return Promise.all(
    Array.from({ length: count }, () =>
      proxy.issuer.sign({ claims, header: { kid: kid ?? `k-${Math.random()}` }, privateKey }),
    ),
  );
}

async function statusesOf(tokens: readonly string[], replica = 0): Promise<number[]> {
  const answers = await Promise.all(tokens.map((token) => proxy.chat(token, {}, { proxy: replica })));
  return answers.map(({ status }) => status);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('S8: for 1,000 tokens with unknown signing keys the proxy fetches the issuer’s keys at most twice, and introspects at most four tokens at a time', async () => {
  proxy = await TestProxy.start();
  const grant = await proxy.createGrant();
  proxy.issuer.introspectionMilliseconds = 1;
  for (let round = 0; round < 10; round += 1)
    expect(new Set(await statusesOf(await inventTokens(grant, 100)))).toEqual(new Set([401]));
  expect(proxy.issuer.keySetRequests.length).toBeLessThanOrEqual(2);
  expect(proxy.issuer.mostIntrospecting).toBeLessThanOrEqual(4);
  expect(proxy.upstream.hits).toEqual([]);
}, 60_000);

it('S8: a token with a new signing key passes at once at every proxy during a flood of tokens with unknown signing keys', async () => {
  proxy = await TestProxy.start({ replicas: 2 });
  const grant = await proxy.createGrant();
  proxy.issuer.introspectionMilliseconds = 5;
  let isOver = false;
  const garbage = await inventTokens(grant, 2_000);
  const flood = [0, 1].map(async (replica) => {
    for (let at = 0; !isOver; at = (at + 100) % garbage.length)
      expect(await statusesOf(garbage.slice(at, at + 100), replica)).not.toContain(200);
  });
  // by now each proxy has fetched the signing keys because of an unknown one, which it does at most once a minute
  await waitUntil(() => proxy.issuer.introspections.length > 50, 'the flood is under way');
  await proxy.issuer.rotate();
  for (const replica of [0, 1]) {
    const token = await proxy.createToken(grant);
    expect([replica, await statusesOf([token], replica)]).toEqual([replica, [200]]);
    // the introspection also brought the new signing key, so later tokens are verified here
    const asked = proxy.issuer.keySetRequests.length;
    expect(await statusesOf([await proxy.createToken(grant), await proxy.createToken(grant)], replica)).toEqual([
      200, 200,
    ]);
    expect(proxy.issuer.keySetRequests.length - asked).toBeLessThanOrEqual(2);
  }
  isOver = true;
  await Promise.all(flood);
  // four at each proxy, and one for each proxy's token with the new key
  expect(proxy.issuer.mostIntrospecting).toBeLessThanOrEqual(2 * 4 + 2);
}, 60_000);

it('S8: a token with a new signing key passes even if the queue is full, and some of the other tokens get 503', async () => {
  proxy = await TestProxy.start();
  const grant = await proxy.createGrant();
  expect(await statusesOf(await inventTokens(grant, 1))).toEqual([401]);
  await proxy.issuer.rotate();
  proxy.issuer.introspectionMilliseconds = 1_000;
  const flood = statusesOf(await inventTokens(grant, 300));
  await waitUntil(() => proxy.issuer.introspections.length >= 4, 'the flood is under way');
  expect(await statusesOf([await proxy.createToken(grant)])).toEqual([200]);
  proxy.issuer.introspectionMilliseconds = 0;
  const statuses = await flood;
  expect(new Set(statuses)).toEqual(new Set([401, 503]));
  expect(statuses.filter((status) => status === 503).length).toBeLessThan(100);
}, 60_000);

it('S8: a flood of tokens with one unknown signing key does not delay a token with a new signing key', async () => {
  proxy = await TestProxy.start();
  const grant = await proxy.createGrant();
  expect(await statusesOf(await inventTokens(grant, 1))).toEqual([401]);
  await proxy.issuer.rotate();
  proxy.issuer.introspectionMilliseconds = 100;
  const flood = statusesOf(await inventTokens(grant, 200, 'one-key'));
  await waitUntil(() => proxy.issuer.introspections.length >= 4, 'the flood is under way');
  const token = await proxy.createToken(grant);
  expect(await statusesOf([token])).toEqual([200]);
  proxy.issuer.introspectionMilliseconds = 0;
  expect(new Set(await flood)).toEqual(new Set([401]));
  const { introspections } = proxy.issuer;
  const turn = introspections.findIndex((body) => body.includes(token));
  // most tokens of the flood came before this token, and were introspected after it
  expect(introspections.length - turn).toBeGreaterThan(50);
}, 60_000);

it('S8: the issuer is asked once about a token with an unknown signing key, even if it is repeated within seconds', async () => {
  proxy = await TestProxy.start();
  const grant = await proxy.createGrant();
  const [token = ''] = await inventTokens(grant, 1);
  expect(await statusesOf([token])).toEqual([401]);
  expect(await statusesOf([token, token, token])).toEqual([401, 401, 401]);
  expect(proxy.issuer.introspections).toHaveLength(1);
});

it('S8: a token with an unknown signing key gets 503 while the issuer is down, never 401', async () => {
  proxy = await TestProxy.start();
  const { grant, token } = await proxy.connect();
  expect(await statusesOf([token])).toEqual([200]);
  expect(await statusesOf(await inventTokens(grant, 1))).toEqual([401]);
  await proxy.issuer.rotate();
  const rotated = await proxy.createToken(grant);
  await proxy.issuer.stop();
  const answer = await proxy.chat(rotated);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  // tokens that can be verified here still pass
  expect(await statusesOf([token])).toEqual([200]);
});

it('S1, S2, S8: a token that is wrong under any signing key is refused without asking the issuer', async () => {
  proxy = await TestProxy.start();
  const grant = await proxy.createGrant();
  const [known = ''] = await inventTokens(grant, 1);
  expect(await statusesOf([known])).toEqual([401]);
  const asked = proxy.issuer.introspections.length;
  const unknown = { kid: 'key-9' };
  const seconds = Math.floor(Date.now() / 1_000);
  const wrong: [string, Parameters<TestProxy['createToken']>[1]][] = [
    ['another issuer', { claims: { iss: 'http://other.test' } }],
    ['another audience', { claims: { aud: 'http://other.test' } }],
    ['two audiences', { claims: { aud: ['http://proxy.test', 'http://other.test'] } }],
    ['expired', { claims: { exp: seconds - 90 } }],
    ['not valid yet', { claims: { nbf: seconds + 90 } }],
    ['issued in the future', { claims: { iat: seconds + 90 } }],
    ['without a grant', { claims: { grant_id: undefined } }],
    ['without an end', { claims: { exp: undefined } }],
    ['a scope that is not text', { claims: { scope: ['cap:chat'] } }],
    ['an ID token', { header: { typ: undefined } }],
    ['type JWT', { header: { typ: 'JWT' } }],
    ['jku', { header: { jku: 'http://other.test/' } }],
    ['jwk', { header: { jwk: proxy.issuer.publicJwk } }],
    ['a key identifier of 300 characters', { header: { kid: 'k'.repeat(300) } }],
  ];
  for (const [name, { header, ...options } = {}] of wrong) {
    const token = await proxy.createToken(grant, { ...options, header: { ...unknown, ...header } });
    expect([name, await statusesOf([token])]).toEqual([name, [401]]);
  }
  const claims = { sub: grant.accountId, grant_id: grant.id, scope: grant.scope };
  const shared = new TextEncoder().encode(JSON.stringify(proxy.issuer.publicJwk).padEnd(64));
  const confused = await proxy.issuer.sign({
    claims,
    header: { ...unknown, alg: 'HS256' },
    privateKey: shared,
  });
  const [, payload = '', signature = ''] = confused.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'key-9' })).toString('base64url');
  expect(await statusesOf([confused, `${none}.${payload}.`, `${none}.${payload}.${signature}`])).toEqual([
    401, 401, 401,
  ]);
  expect(proxy.issuer.introspections.length).toBe(asked);
  expect(proxy.upstream.hits).toEqual([]);
});
