import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { readText } from './support/browser.js';
import { addClient, connect, introspect, refresh } from './support/client.js';
import { type Answer, json, send } from './support/http.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
const unreadable = new Set<'signing' | 'sealing'>();
const path = '/srv/secrets/CANARY';
beforeAll(async () => {
  const { x = '' } = await exportJWK(
    (await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true })).publicKey,
  );
  const requireReadable = (name: 'signing' | 'sealing') => {
    if (unreadable.has(name)) throw new Error(`EACCES: permission denied, open '${path}'`);
  };
  server = await startTestServer({
    replicas: 2,
    rotatedKeys: {
      readSigningKeys: () => {
        requireReadable('signing');
        return server.configuration.signingKeys;
      },
      readIdTokenKeys: () => [],
      readCookieKeys: () => server.configuration.cookieKeys,
      readAuditKeys: () => server.configuration.auditKeys,
      readSealingKey: () => {
        requireReadable('sealing');
        return { kty: 'OKP', crv: 'X25519', x, kid: 'px-2026-11' };
      },
    },
  });
});
afterAll(() => server.close());

async function untilAll(status: number): Promise<readonly Answer[]> {
  for (;;) {
    const answers = await Promise.all(server.urls.map((url) => send(`${url}/health/ready`)));
    if (answers.every((answer) => answer.status === status)) return answers;
    await sleep(20);
  }
}

// The ids at the beginning of titles are rows of docs/security.md.
it('U4: while the file of the public sealing key cannot be read, no replica is ready, each says why, and other requests are answered', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server);
  const tokens = await connect(server, owner.browser, client);
  await untilAll(200);
  unreadable.add('sealing');
  for (const answer of await untilAll(503)) {
    const message = 'the file of the public sealing key cannot be read, so owners cannot store API keys';
    expect(json(answer)['checks']).toMatchObject({ keys: { ok: false, message }, database: { ok: true } });
    expect(answer.text).not.toContain(path);
  }
  expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true });
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
  const page = await owner.browser.open('/account/keys');
  expect(page.status).toBe(200);
  const fields = { upstream: 'openai', key: 'sk-proj-CANARY-openai-0123456789-abcd' };
  const refused = await owner.browser.submit(page, '/account/keys', fields);
  expect(refused.status).toBe(500);
  expect(refused.text).not.toContain('CANARY');
  unreadable.clear();
  await untilAll(200);
  expect(readText((await owner.browser.submit(page, '/account/keys', fields)).text)).toContain('…abcd');
});

it('while only the file of the signing keys cannot be read, the server stays ready, and its readiness check reports the file', async () => {
  unreadable.add('signing');
  let remark: unknown;
  while (remark === undefined) {
    const [answer] = await untilAll(200);
    remark = answer && (json(answer)['checks'] as { keys: { message?: string } }).keys.message;
  }
  expect(remark).toBe('a file of the signing, cookie or audit keys cannot be read any more');
  unreadable.clear();
});
