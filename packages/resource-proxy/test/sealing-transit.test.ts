import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createLog } from '../src/index.js';
import { parseSealingJwks, type SealingJwk } from '../src/provider-keys/sealing-key.js';
import { SealingKeys } from '../src/provider-keys/sealing-keys.js';
import { TestProxy } from './support/test-proxy.js';
import { answerData, answerErrors, TransitStub } from './support/transit-stub.js';

const keyPath = 'transit/aipassport';
const providerKey = 'sk-canary-behind-a-transit-engine-0123456789';

let stub: TransitStub;
let proxy: TestProxy;

beforeEach(async () => {
  stub = await TransitStub.start();
  stub.makeKey(keyPath);
});
afterEach(async () => {
  await proxy.stop();
  await stub.stop();
});

function sealingKey(): SealingJwk {
  const transit = { mount: 'transit', key: 'aipassport', version: 1 };
  return parseSealingJwks({ kty: 'RSA', kid: 'px-1', ...stub.publicJwk(keyPath), transit })[0];
}

async function start(options: Parameters<typeof TestProxy.start>[0] = {}) {
  const transit = { url: stub.url, namespace: undefined, certificates: undefined, readToken: () => stub.token };
  proxy = await TestProxy.start({ sealingKey: sealingKey(), transit, hasOperatorKeys: false, ...options });
  const connected = await proxy.connect();
  await proxy.addProviderKey(connected.grant.accountId, 'openai', providerKey);
  return connected;
}

const sentKeys = () => proxy.upstream.hits.map(({ headers }) => headers.authorization);

// The ids at the beginning of titles are rows of docs/security.md.
it('K6: a provider key that is sealed to a transit engine is unsealed once, and kept in memory like every other one', async () => {
  const { token } = await start();
  const answers = await Promise.all(Array.from({ length: 8 }, () => proxy.chat(token)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect((await proxy.chat(token)).status).toBe(200);
  expect(new Set(sentKeys())).toEqual(new Set([`Bearer ${providerKey}`]));
  expect(stub.decryptions).toBe(1);
});

it('K6: while the transit engine fails or cannot be reached, requests are answered 503 with Retry-After, nothing is sent or counted, and opened keys stay usable', async () => {
  const { token, grant } = await start();
  stub.behaviour = (_request, response) => answerErrors(response, 503, 'Vault is sealed');
  const refused = await proxy.chat(token);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await refused.json()).toMatchObject({ error: { code: 'temporarily_unavailable' } });
  expect(proxy.upstream.hits).toEqual([]);
  expect(await proxy.readUsedRequests(grant.id)).toBe(0);
  expect(await (await fetch(`${proxy.url}/health/ready`)).text()).toContain(
    'the transit engine of the sealing keys: it answers with status 503',
  );
  stub.behaviour = undefined;
  expect((await proxy.chat(token)).status).toBe(200);
  stub.behaviour = (_request, response) => void response.destroy();
  expect((await proxy.chat(token)).status).toBe(200);
  const said = proxy.lines.filter((line) => line.includes('"event":"sealing_key_unavailable"'));
  expect(said.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { sealing_key_id: 'px-1', problem: 'the transit engine of the sealing key: it answers with status 503' },
  ]);
});

it('K6: a provider key that was moved to another account is refused, although the engine decrypts its content key', async () => {
  const { grant } = await start();
  const thief = await proxy.connect();
  await proxy.addProviderKey(thief.grant.accountId, 'openai', 'sk-of-the-thief-0123456789abcdef');
  const { db } = proxy.database;
  const own = await db
    .selectFrom('provider_keys')
    .select('jwe')
    .where('account_id', '=', grant.accountId)
    .executeTakeFirstOrThrow();
  await db.updateTable('provider_keys').set(own).where('account_id', '=', thief.grant.accountId).execute();
  expect((await proxy.chat(thief.token)).status).toBe(424);
  expect(stub.decryptions).toBe(1);
  expect(proxy.upstream.hits).toEqual([]);
});

it('K6: if the engine’s answer is wrong, no key is sent, and no log line has a token, a content key or a provider key', async () => {
  const { token } = await start({ replicas: 2 });
  const contentKey = Buffer.from('canary-content-key-of-32-bytes!!');
  stub.behaviour = (_request, response) => answerData(response, { plaintext: contentKey.toString('base64') });
  expect((await proxy.chat(token)).status).toBe(424);
  stub.behaviour = (request, response) =>
    answerErrors(response, 500, `${request.token} ${contentKey.toString('base64')}`, providerKey);
  expect((await proxy.chat(token)).status).toBe(503);
  expect(proxy.upstream.hits).toEqual([]);
  stub.behaviour = undefined;
  expect((await proxy.chat(token, {}, { proxy: 1 })).status).toBe(200);
  expect(sentKeys()).toEqual([`Bearer ${providerKey}`]);
  const log = proxy.lines.join('\n');
  expect(log).toContain('sealing_key_unavailable');
  for (const canary of [stub.token, String(contentKey), contentKey.toString('base64'), providerKey])
    for (const form of [canary, Buffer.from(canary).toString('base64'), Buffer.from(canary).toString('hex')])
      expect(log).not.toContain(form);
});

it('K3: if a provider key is sealed again while the transit engine decrypts it, the proxy reads it again, and the request succeeds', async () => {
  const { token, grant } = await start();
  const anew = 'sk-of-the-same-owner-sealed-anew-0123456789';
  stub.behaviour = (_request, response) => {
    stub.behaviour = undefined;
    void proxy
      .addProviderKey(grant.accountId, 'openai', anew)
      .then(() => answerErrors(response, 400, 'ciphertext or signature version is disallowed by policy (too old)'));
  };
  expect((await proxy.chat(token)).status).toBe(200);
  expect(sentKeys()).toEqual([`Bearer ${anew}`]);
});

it('a file with a sealing key in a transit engine is refused when no engine is set', async () => {
  await start();
  const file = { read: () => [sealingKey()] as const, readVersion: () => '' };
  const opening = SealingKeys.open({ file, engine: undefined, now: Date.now, log: createLog('info') });
  await expect(opening).rejects.toThrow('SEALING_TRANSIT_URL: is missing; the sealing key px-1 is in a transit engine');
});
