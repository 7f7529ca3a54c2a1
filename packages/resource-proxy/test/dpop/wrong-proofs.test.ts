import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chatPath, resource, TestProxy } from '../support/test-proxy.js';
import { BoundClient, type HeaderLines, readChallenge } from './bound-client.js';
import { ClientKey } from './client-key.js';
import { wrongProofs } from './wrong-proofs.js';

let proxy: TestProxy;
let client: BoundClient;

beforeAll(async () => {
  proxy = await TestProxy.start();
  client = await BoundClient.create(proxy);
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

// The ids at the beginning of titles are rows of docs/security.md.
it.each(wrongProofs)(
  'N3: a request with a wrong proof (%s) gets 401, and nothing is forwarded or counted',
  async (_name, message, make) => {
    const before = await client.readUsedRequests();
    for (const [path, method] of [
      [chatPath, 'POST'],
      // the proof is made for the first path, so the message is compared only there
      ['/v1/grant', 'GET'],
    ] as const) {
      const answer = await client.send(await make(client), { path, method });
      expect(answer.status).toBe(401);
      const challenge = readChallenge(answer);
      expect(challenge).toMatch(/^DPoP /);
      expect(challenge).toContain('error="invalid_dpop_proof"');
      expect(challenge).toContain('algs="PS256 ES256 EdDSA Ed25519"');
      expect(challenge).toContain(`resource_metadata="${resource}/.well-known/oauth-protected-resource${path}"`);
      if (path !== chatPath) continue;
      const body = answer.text.slice(answer.text.indexOf('\r\n\r\n'));
      expect(JSON.parse(body)).toMatchObject({
        error: { code: 'invalid_dpop_proof', message: expect.stringContaining(message) },
      });
    }
    expect(proxy.upstream.hits).toEqual([]);
    expect(await client.readUsedRequests()).toBe(before);
  },
);

it('N3, N4: a request without a proof or with two is refused, even if both are the same', async () => {
  const authorization = ['authorization', `DPoP ${client.token}`] as const;
  const [one, other] = [await client.prove(), await client.prove()];
  const cases: [HeaderLines, string][] = [
    [[authorization], 'is missing'],
    [[authorization, ['dpop', one], ['dpop', other]], 'exactly one'],
    [[authorization, ['dpop', one], ['DPoP', one]], 'exactly one'],
  ];
  for (const [headers, message] of cases) {
    const answer = await client.sendLines(headers);
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining(message)]);
    expect(readChallenge(answer)).toMatch(/^DPoP .*error="invalid_dpop_proof"/);
  }
  expect(proxy.upstream.hits).toEqual([]);
  // the refused requests have not consumed the proofs
  expect((await client.send(one)).status).toBe(200);
});

it('N3: a proof for another method or path is refused, and can still be used for its own method and path', async () => {
  const path = '/openai/v1/responses/resp_1';
  const proof = await client.prove({ path, method: 'GET' });
  expect((await client.send(proof, { path, method: 'DELETE' })).status).toBe(401);
  expect((await client.send(proof, { path: '/openai/v1/models', method: 'GET' })).status).toBe(401);
  // the proof is accepted: 404 means that this grant has no such response
  expect((await client.send(proof, { path, method: 'GET' })).status).toBe(404);
});

it.each(['ES256', 'EdDSA', 'Ed25519', 'PS256'])('a proof signed with %s is accepted', async (algorithm) => {
  const other = await BoundClient.create(proxy, { key: await ClientKey.create(algorithm) });
  expect((await other.send()).status).toBe(200);
});

it('N3: a proof with an RSA key of more than 4096 bits, or with a long exponent, is refused', async () => {
  const large = await BoundClient.create(proxy, { key: await ClientKey.create('PS256', 4_104) });
  expect((await large.send()).text).toContain('`jwk`');
  const usual = await ClientKey.create('PS256');
  const jwk = { ...usual.publicJwk, e: `${'A'.repeat(300)}QAB` };
  const proof = await usual.prove({ token: client.token, path: chatPath, header: { jwk } });
  expect((await client.send(proof)).text).toContain('`jwk`');
});

it('the scheme may be written in any case, and htu in any equivalent form (RFC 9449 section 4.3)', async () => {
  for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dPoP']) {
    const authorization = ['authorization', `${scheme} ${client.token}`] as const;
    expect((await client.sendLines([authorization, ['DPOP', await client.prove()]])).status).toBe(200);
  }
  for (const htu of [
    `http://proxy.test${chatPath}?with=query`,
    `http://proxy.test${chatPath}#fragment`,
    `HTTP://PROXY.TEST${chatPath}`,
    `http://proxy.test:80${chatPath}`,
    `http://proxy.test/x/..${chatPath}`,
    `http://proxy.test${chatPath.replace('chat', '%63hat')}`,
  ])
    expect([htu, (await client.send(await client.prove({ claims: { htu } }))).status]).toEqual([htu, 200]);
});

it('a query in the URL of the request does not matter for htu', async () => {
  const path = '/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
  expect((await client.send(undefined, { path, body: { contents: [] } })).status).toBe(200);
});

it('iat may be almost a minute before or after the server’s time', async () => {
  let aheadMilliseconds = 0;
  const own = await TestProxy.start({ now: () => Date.now() + aheadMilliseconds });
  try {
    const bound = await BoundClient.create(own);
    const ask = async (seconds: number) => {
      const iat = Math.floor(Date.now() / 1_000) + seconds;
      return (await bound.send(await bound.prove({ claims: { iat } }))).status;
    };
    expect([await ask(-55), await ask(55), await ask(-65), await ask(65)]).toEqual([200, 200, 401, 401]);
    aheadMilliseconds = 300_000;
    expect([await ask(0), await ask(300)]).toEqual([401, 200]);
  } finally {
    await own.stop();
  }
});
