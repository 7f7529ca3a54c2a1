import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { answerJson } from './support/recording-upstream.js';
import { chat, chatPath, chatScope, type TestGrant, TestProxy } from './support/test-proxy.js';

const path = '/openai/v1/conversations';
const conversation = { id: 'conv_1', object: 'conversation' };

let proxy: TestProxy;
let grant: TestGrant;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});

beforeEach(async () => {
  proxy.upstream.reset();
  const accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
  grant = await proxy.createGrant({ accountId, scope: chatScope, limits: { maxRequestsPerMinute: 5 } });
  token = await proxy.createToken(grant);
  proxy.upstream.behaviour = answerJson(conversation);
  expect((await proxy.post(path, {}, token)).status).toBe(200);
});

afterAll(() => proxy?.stop());

const read = (replica: number) =>
  fetch(`${proxy.urlOf(replica)}${path}/${conversation.id}`, { headers: { authorization: `Bearer ${token}` } });

/** Sets the time at which the grant's bucket is full again. */
async function setFull(seconds: number): Promise<Date> {
  const rows = await proxy.database.query<{ full_at: Date }>(
    'update state_requests set full_at = now() + make_interval(secs => $1) where grant_id = $2 returning full_at',
    [seconds, grant.id],
  );
  return rows[0]?.full_at ?? new Date(0);
}

async function readFull(): Promise<Date | undefined> {
  const rows = await proxy.database.query<{ full_at: Date }>('select full_at from state_requests where grant_id = $1', [
    grant.id,
  ]);
  return rows[0]?.full_at;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.7: reads of stored objects are counted over both proxies, and above the rate get a 429 with the seconds to wait', async () => {
  const fullAt = await setFull(30);
  for (const replica of [0, 1, 0, 1]) expect((await read(replica)).status).toBe(200);
  // with a low limit of requests per minute, 120 reads per minute are allowed, one every half second
  expect(await readFull()).toEqual(new Date(fullAt.getTime() + 2_000));
  await setFull(100);
  const hits = proxy.upstream.hits.length;
  for (const replica of [0, 1]) {
    const refused = await read(replica);
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThanOrEqual(41);
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited' } });
  }
  expect((await proxy.post(path, {}, token)).status).toBe(429);
  expect(proxy.upstream.hits).toHaveLength(hits);
  await setFull(59);
  expect((await read(0)).status).toBe(200);
});

it('reads of stored objects and requests to models are counted separately', async () => {
  for (let count = 0; count < 10; count += 1) expect((await read(count % 2)).status).toBe(200);
  await setFull(100);
  proxy.upstream.reset();
  for (let count = 0; count < 5; count += 1) expect((await proxy.post(chatPath, chat, token)).status).toBe(200);
  expect((await proxy.post(chatPath, chat, token)).status).toBe(429);
  await setFull(0);
  proxy.upstream.behaviour = answerJson(conversation);
  expect((await read(0)).status).toBe(200);
});
