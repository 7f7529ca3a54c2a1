import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import type { Connection } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { dumpDatabase } from './harness/dump-database.js';
import { readWholeOutput } from './harness/read-whole-output.js';
import { answerChat, answerJson, RecordingUpstream } from './harness/recording-upstream.js';
import { canSearchMemory, countInMemory } from './harness/search-memory.js';
import { callVendor, connectWithKey, makeProviderKey } from './harness/vendor-calls.js';

// The ids at the beginning of titles are rows of docs/security.md. `3.3` means the rows `3.3.1`, `3.3.2` and so on.

let upstream: RecordingUpstream;
let deployment: Deployment;
let client: ClientApp;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url, hasOperatorKeys: false });
  client = await ClientApp.register(deployment);
});

beforeEach(() => {
  upstream.hits.length = 0;
  upstream.behaviour = answerChat;
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

it('K1: neither a dump of the database nor the authorization server’s output contains a stored provider key', async () => {
  const { key } = await connectWithKey(deployment, client);
  const dump = await dumpDatabase(deployment.databaseUrl);
  expect(dump).toContain(key.slice(-4));
  for (const written of [dump, await readWholeOutput(deployment)])
    for (const form of [
      key,
      Buffer.from(key).toString('base64'),
      Buffer.from(key).toString('base64url'),
      Buffer.from(key).toString('hex'),
    ])
      expect(written).not.toContain(form);
});

(canSearchMemory ? it : it.skip)(
  `K1: after a restart the authorization server’s memory holds no stored key${canSearchMemory ? '' : ' (skipped: only Linux shows the memory of a process)'}`,
  async () => {
    const { owner, key, accessToken } = await connectWithKey(deployment, client);
    for (const replica of deployment.authorizationServers) {
      await replica.stop();
      await replica.start();
    }
    const { page } = await owner.open('/account/keys');
    expect(page.text).toContain(key.slice(-4));
    await owner.open('/account/keys');
    for (const { url } of deployment.resourceProxies) expect((await postChat(url, accessToken)).status).toBe(200);
    for (const { pid } of deployment.authorizationServers) {
      expect(await countInMemory(pid, key)).toBe(0);
      // proves that the search works: the memory contains the issuer
      expect(await countInMemory(pid, deployment.issuer)).toBeGreaterThan(0);
    }
  },
);

it('K2 3.1: a sealed provider key that was moved to another account, host, version or sealing key, or whose header was altered, is refused', async () => {
  const moves: Record<string, (own: string, other: string) => Promise<unknown>> = {
    'another account': (own, other) => copySealedKey(other, own),
    'another host': (own) => updateKey(own, { host: 'elsewhere.example' }),
    'another version': (own) => updateKey(own, { version: 7 }),
    'another sealing key': (own) => updateKey(own, { sealing_key_id: 'px-2000-01-1' }),
    'an altered header': async (own) => {
      const { jwe } = await deployment.db
        .selectFrom('provider_keys')
        .select('jwe')
        .where('account_id', '=', own)
        .executeTakeFirstOrThrow();
      const [header = '', ...rest] = jwe.split('.');
      const changed = { ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object), version: 9 };
      const altered = [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
      await updateKey(own, { jwe: altered, version: 9 });
    },
  };
  const stranger = await connectWithKey(deployment, client);
  for (const [name, move] of Object.entries(moves)) {
    const victim = await connectWithKey(deployment, client);
    await move(await accountOf(victim), await accountOf(stranger));
    const hits = upstream.hits.length;
    for (const { url } of deployment.resourceProxies) {
      const response = await postChat(url, victim.accessToken);
      expect([name, await response.json()]).toMatchObject([name, { error: { code: 'provider_key_unusable' } }]);
    }
    expect(upstream.hits.length).toBe(hits);
  }
});

it('K2: a provider key sealed for one provider is refused in the row of another provider', async () => {
  const { accessToken, ...connection } = await connectWithKey(deployment, client);
  const account = await accountOf(connection);
  await connection.owner.addKey('anthropic', makeProviderKey('anthropic'));
  const rows = await deployment.db
    .selectFrom('provider_keys')
    .select(['upstream', 'jwe'])
    .where('account_id', '=', account)
    .execute();
  const jwe = rows.find(({ upstream: name }) => name === 'openai')?.jwe ?? '';
  await deployment.db
    .updateTable('provider_keys')
    .set({ jwe })
    .where('account_id', '=', account)
    .where('upstream', '=', 'anthropic')
    .execute();
  const response = await callVendor(deployment.resourceProxyUrl, 'anthropic', accessToken);
  expect(response.status).toBe(424);
  expect(upstream.hits).toEqual([]);
});

it('3.3: when a provider repeats the provider key, whole or masked, in the headers or the body of an error, the key is not passed on', async () => {
  const { key, accessToken } = await connectWithKey(deployment, client);
  const masked = `${key.slice(0, 8)}${'*'.repeat(20)}${key.slice(-4)}`;
  for (const status of [400, 401, 403, 404, 429, 500])
    for (const shown of [key, masked]) {
      upstream.behaviour = (_hit, response) => {
        response.setHeader('x-debug', shown);
        response.setHeader('openai-organization', `org-${shown}`);
        response.setHeader('set-cookie', `session=${shown}`);
        answerJson(response, status, {
          error: {
            message: `Incorrect API key provided: ${shown}.`,
            type: 'invalid_request_error',
            code: 'c',
            param: shown,
          },
        });
      };
      const response = await postChat(deployment.resourceProxyUrl, accessToken);
      const seen = JSON.stringify([...response.headers]) + (await response.text());
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(seen).not.toContain(shown);
      expect(seen).not.toContain('org-');
      // the provider refused the owner's key, so this is not a 401: the app's access token is valid
      expect(response.status).not.toBe(401);
    }
});

it('3.3: when a provider puts the provider key into a stream, split between two chunks, the key is not passed on', async () => {
  const { key, accessToken } = await connectWithKey(deployment, client);
  const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: `the key is ${key}, really` } }] })}\n\n`;
  const keyStart = event.indexOf(key);
  for (const cut of [keyStart + 1, keyStart + 8, keyStart + key.length - 1, keyStart + key.length]) {
    upstream.behaviour = (_hit, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event.slice(0, cut));
      setTimeout(() => response.end(`${event.slice(cut)}data: [DONE]\n\n`), 30);
    };
    const response = await postChat(deployment.resourceProxyUrl, accessToken, { ...smallChat, stream: true });
    const text = await response.text();
    expect(text).toContain('the key is ');
    expect(text).toContain(', really');
    expect(text).not.toContain(key);
    expect(text).not.toContain(key.slice(8));
  }
});

it('3.3 T7: every answer of the proxy forbids caching', async () => {
  const { accessToken } = await connectWithKey(deployment, client);
  const ok = await postChat(deployment.resourceProxyUrl, accessToken);
  const refused = await postChat(deployment.resourceProxyUrl, 'no token');
  for (const response of [ok, refused]) expect(response.headers.get('cache-control')).toContain('no-store');
});

async function accountOf({ grantId }: Pick<Connection, 'grantId'>): Promise<string> {
  const row = await deployment.db
    .selectFrom('grants')
    .select('account_id')
    .where('id', '=', grantId)
    .executeTakeFirstOrThrow();
  return row.account_id;
}

async function copySealedKey(from: string, to: string): Promise<void> {
  const { jwe } = await deployment.db
    .selectFrom('provider_keys')
    .select('jwe')
    .where('account_id', '=', from)
    .executeTakeFirstOrThrow();
  await updateKey(to, { jwe });
}

async function updateKey(
  account: string,
  changes: { jwe?: string; host?: string; version?: number; sealing_key_id?: string },
) {
  await deployment.db.updateTable('provider_keys').set(changes).where('account_id', '=', account).execute();
}
