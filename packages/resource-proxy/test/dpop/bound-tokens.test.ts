import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chatPath, origin, TestProxy } from '../support/test-proxy.js';
import { BoundClient, type HeaderLines, readChallenge } from './bound-client.js';
import { ClientKey } from './client-key.js';

let proxy: TestProxy;
let client: BoundClient;

beforeAll(async () => {
  proxy = await TestProxy.start();
  client = await BoundClient.create(proxy);
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

// The ids at the beginning of titles are rows of docs/security.md.
it('N2: a bound token is refused as a bearer token and in the headers of the SDKs, with or without a proof', async () => {
  const { token } = client;
  const proof = ['dpop', await client.prove()] as const;
  for (const credential of [
    ['authorization', `Bearer ${token}`],
    ['x-api-key', token],
    ['x-goog-api-key', token],
  ] as const)
    for (const headers of [[credential], [credential, proof]]) {
      const answer = await client.sendLines(headers);
      expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('is bound to a key. Send it as')]);
      expect(readChallenge(answer)).toMatch(/^Bearer .*error="invalid_token".*, DPoP .*algs="PS256/);
      expect(answer.text).toContain('"code":"invalid_token"');
    }
  expect(proxy.upstream.hits).toEqual([]);
});

it('N2: one token with two schemes is refused', async () => {
  const { token } = client;
  const proof = ['dpop', await client.prove()] as const;
  const proven = ['authorization', `DPoP ${token}`] as const;
  const cases: HeaderLines[] = [
    [proven, ['x-api-key', token], proof],
    [proven, ['authorization', `Bearer ${token}`], proof],
  ];
  for (const headers of cases) expect((await client.sendLines(headers)).status).toBe(400);
  expect(proxy.upstream.hits).toEqual([]);
});

it('N2: a token that is not bound is refused with the scheme DPoP, and accepted as a bearer token even with a proof', async () => {
  const bearer = await proxy.createToken(client.grant);
  const proof = ['dpop', await client.prove({ token: bearer })] as const;
  const answer = await client.sendLines([['authorization', `DPoP ${bearer}`], proof]);
  expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('not bound to a key')]);
  expect(readChallenge(answer)).toMatch(/^DPoP .*error="invalid_token"/);
  expect(proxy.upstream.hits).toEqual([]);
  expect((await client.sendLines([['authorization', `Bearer ${bearer}`], proof])).status).toBe(200);
});

it.each([
  ['a certificate', { 'x5t#S256': 'A'.repeat(43) }],
  ['a key and a certificate', { jkt: 'A'.repeat(43), 'x5t#S256': 'A'.repeat(43) }],
  ['a thumbprint of another form', { jkt: 'short' }],
  ['nothing', {}],
  ['a text', 'key'],
  ['null', null],
])('N2: a token that is bound to %s is not valid here, by either scheme', async (_name, cnf) => {
  const token = await proxy.createToken(client.grant, { claims: { cnf } });
  const proof = await client.prove({ token });
  expect((await client.sendLines([['authorization', `Bearer ${token}`]])).status).toBe(401);
  expect(
    (
      await client.sendLines([
        ['authorization', `DPoP ${token}`],
        ['dpop', proof],
      ])
    ).status,
  ).toBe(401);
  expect(proxy.upstream.hits).toEqual([]);
});

it('errors about the token and the scope name the scheme that was used', async () => {
  const expired = await proxy.createToken(client.grant, { claims: client.key.confirmation, expiresInSeconds: -60 });
  const proof = await client.prove({ token: expired });
  const refused = await client.sendLines([
    ['authorization', `DPoP ${expired}`],
    ['dpop', proof],
  ]);
  expect([refused.status, refused.text]).toEqual([401, expect.stringContaining('expired')]);
  expect(readChallenge(refused)).toMatch(/^DPoP .*error="invalid_token"/);
  const grant = await proxy.createGrant({ scope: 'model:gpt-4o-mini cap:embeddings' });
  const denied = await (await BoundClient.create(proxy, { grant })).send();
  expect(denied.status).toBe(403);
  expect(readChallenge(denied)).toMatch(/^DPoP .*error="insufficient_scope".*scope="model:gpt-4o-mini cap:chat"/);
});

it('N3: a proof is checked only when the token is valid', async () => {
  const attacker = await ClientKey.create();
  const claims = attacker.confirmation;
  const token = await proxy.createToken(client.grant, { claims, privateKey: attacker.privateKey });
  const answer = await client.sendLines([
    ['authorization', `DPoP ${token}`],
    ['dpop', 'not even a JWT'],
  ]);
  expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('The access token is not valid here')]);
});

it('the metadata lists the algorithms of proofs (RFC 9728 section 2)', async () => {
  const document = await (await fetch(`${proxy.url}/.well-known/oauth-protected-resource`)).json();
  expect(document).toMatchObject({ dpop_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA', 'Ed25519'] });
});

it('S13: a browser may send a proof, and read why it was refused', async () => {
  const preflight = await fetch(`${proxy.url}${chatPath}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,dpop',
    },
  });
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,content-type,dpop');
  const refused = await fetch(`${proxy.url}/v1/grant`, { headers: { origin, authorization: `DPoP ${client.token}` } });
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
  expect(refused.headers.get('access-control-expose-headers')).toContain('www-authenticate');
});
