import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { postChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { type Connection, connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { Owner } from './harness/owner.js';
import { answerChat, RecordingUpstream } from './harness/recording-upstream.js';
import { callVendor, connectWithKey, makeProviderKey, readSentKey, vendorScope } from './harness/vendor-calls.js';

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

it('an owner’s own provider key goes to its AI provider in that provider’s header, and nowhere else', async () => {
  for (const vendor of ['openai', 'anthropic', 'google'] as const) {
    const { key, accessToken } = await connectWithKey(deployment, client, vendor);
    expect((await callVendor(deployment.resourceProxyUrl, vendor, accessToken)).status).toBe(200);
    const hit = upstream.hits.at(-1);
    expect(readSentKey(hit?.headers ?? {})).toBe(key);
    // 3.3: never in the URL, because logs contain URLs
    expect(hit?.target).not.toContain(key);
    expect(hit?.body).not.toContain(key);
  }
});

it('without any provider key the answer asks the owner to add one, and nothing is forwarded or counted', async () => {
  const { accessToken, grantId } = await connect(deployment, { client, scope: vendorScope });
  const response = await postChat(deployment.resourceProxyUrl, accessToken);
  expect(await response.json()).toMatchObject({ error: { code: 'provider_key_missing' } });
  expect(upstream.hits).toEqual([]);
  const row = await deployment.db
    .selectFrom('grants')
    .select('used_requests')
    .where('id', '=', grantId)
    .executeTakeFirstOrThrow();
  expect(Number(row.used_requests)).toBe(0);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('S9: a replaced provider key is never used again, and after its deletion the next request is refused', async () => {
  const { owner, accessToken, key } = await connectWithKey(deployment, client);
  for (const { url } of deployment.resourceProxies) expect((await postChat(url, accessToken)).status).toBe(200);
  const replacement = makeProviderKey('openai');
  await owner.addKey('openai', replacement);
  for (const { url } of deployment.resourceProxies) {
    await postChat(url, accessToken);
    expect(readSentKey(upstream.hits.at(-1)?.headers ?? {})).toBe(replacement);
  }
  const { page } = await owner.open('/account/keys');
  const { page: asked } = await owner.press(page, 'Delete');
  await owner.press(asked, 'Delete key');
  const hits = upstream.hits.length;
  for (const { url } of deployment.resourceProxies)
    expect(await (await postChat(url, accessToken)).json()).toMatchObject({ error: { code: 'provider_key_missing' } });
  expect(upstream.hits.length).toBe(hits);
  expect(JSON.stringify(upstream.hits.slice(2))).not.toContain(key);
});

it('K4: pages show only the last four characters of a provider key', async () => {
  const { owner, key } = await connectWithKey(deployment, client);
  for (const path of ['/account/keys', '/account/apps']) {
    const { page } = await owner.open(path);
    expect(page.html).not.toContain(key);
    for (let end = 5; end < key.length; end++) expect(page.html).not.toContain(key.slice(-end));
  }
  expect((await owner.open('/account/keys')).page.text).toContain(key.slice(-4));
});

it('K4: a proxy tests a stored key; the page says whether the AI provider accepts it, and does not show the provider’s text', async () => {
  const { owner, key } = await connectWithKey(deployment, client);
  const verdicts = [
    [200, 'OpenAI accepts this key'],
    [401, 'OpenAI doesn’t accept this key'],
    [402, 'your account at OpenAI has no credit'],
    [500, 'OpenAI didn’t give a clear answer'],
  ] as const;
  for (const [status, words] of verdicts) {
    upstream.hits.length = 0;
    upstream.behaviour = (hit, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`{"error":"${readSentKey(hit.headers)}"}`);
    };
    const { page } = await owner.press((await owner.open('/account/keys')).page, 'Test');
    expect(page.text).toContain(words);
    expect(page.html).not.toContain(key);
    expect(upstream.hits).toMatchObject([{ method: 'GET', target: '/v1/models' }]);
    expect(readSentKey(upstream.hits[0]?.headers ?? {})).toBe(key);
  }
  expect(deployment.output()).not.toContain(key);
});

it('S6: a grant belongs to an account, not to an e-mail address: a later account with the same address cannot use it', async () => {
  const { owner, accessToken, key, ...connection } = await connectWithKey(deployment, client);
  await deployment.db
    .updateTable('accounts')
    .set({ email: 'moved@example.org' })
    .where('id', '=', await accountOf(connection))
    .execute();
  const successor = new Owner(deployment.issuer, owner.credentials);
  await successor.createAccount();
  await successor.addKey('openai', makeProviderKey('openai'));
  expect((await successor.open('/account/apps')).page.text).toContain('No connected apps.');
  await postChat(deployment.resourceProxyUrl, accessToken);
  expect(readSentKey(upstream.hits.at(-1)?.headers ?? {})).toBe(key);
});

it('3.3 3.4: 1,000 interleaved requests of two owners with two providers each all use the right provider key', async () => {
  const owners = await Promise.all(
    ['Ada', 'Bob'].map(async (name) => {
      const owner = await createOwner(deployment);
      const keys = { openai: makeProviderKey('openai'), anthropic: makeProviderKey('anthropic') };
      await owner.addKey('openai', keys.openai);
      await owner.addKey('anthropic', keys.anthropic);
      return { name, keys, ...(await connect(deployment, { owner, client, scope: vendorScope })) };
    }),
  );
  const jobs = Array.from({ length: 1000 }, (_, index) => ({
    owner: owners[index % 2],
    vendor: index % 4 < 2 ? ('openai' as const) : ('anthropic' as const),
    url: deployment.resourceProxies[Math.floor(index / 4) % 2]?.url ?? '',
  }));
  const workers = Array.from({ length: 20 }, async () => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      const { owner, vendor, url } = job;
      const response = await callVendor(url, vendor, owner?.accessToken ?? '', `${owner?.name} ${vendor}`);
      await response.arrayBuffer();
      // 503: the database was too slow on this machine, so the request was not forwarded
      if (response.status === 503) jobs.push(job);
    }
  });
  await Promise.all(workers);
  expect(upstream.hits.length).toBe(1000);
  const right = new Map(
    owners.flatMap(({ name, keys }) => [
      [`${name} openai`, keys.openai],
      [`${name} anthropic`, keys.anthropic],
    ]),
  );
  const wrong = upstream.hits.filter(({ headers, body }) => {
    const { messages } = JSON.parse(body) as { readonly messages: readonly [{ readonly content: string }] };
    return readSentKey(headers) !== right.get(messages[0].content);
  });
  expect(wrong).toEqual([]);
});

async function accountOf({ grantId }: Pick<Connection, 'grantId'>): Promise<string> {
  const row = await deployment.db
    .selectFrom('grants')
    .select('account_id')
    .where('id', '=', grantId)
    .executeTakeFirstOrThrow();
  return row.account_id;
}
