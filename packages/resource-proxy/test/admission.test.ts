import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { answerJson } from './support/recording-upstream.js';
import { chatScope, TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const countBy = (values: readonly number[]) =>
  Object.fromEntries([...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length]));

// The ids at the beginning of titles are rows of docs/security.md.
it('3.6: 400 parallel calls under a limit of 50 requests, over two proxies and two tokens, reach the upstream exactly 50 times', async () => {
  const { grant, token } = await proxy.connect(chatScope, { maxRequests: 50 });
  const tokens = [token, await proxy.createToken(grant)];
  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, index) =>
      proxy.chat(tokens[index % 2] ?? '', {}, { proxy: Math.floor(index / 2) % 2 }),
    ),
  );
  expect(countBy(answers.map(({ status }) => status))).toEqual({ 200: 50, 402: 350 });
  expect(proxy.upstream.hits.length).toBe(50);
  expect(await proxy.readUsedRequests(grant.id)).toBe(50);
});

it('S15: a request under a used-up grant gets a final 402 that no SDK retries, and /v1/grant still works', async () => {
  const { token } = await proxy.connect(chatScope, { maxRequests: 1 });
  const openai = new OpenAI({ baseURL: `${proxy.url}/openai/v1`, apiKey: token });
  const anthropic = new Anthropic({ baseURL: `${proxy.url}/anthropic`, apiKey: token });
  await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [] });
  const lines = proxy.lines.length;
  await expect(openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [] })).rejects.toMatchObject({
    status: 402,
    code: 'request_limit_reached',
  });
  await expect(
    anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 1, messages: [] }),
  ).rejects.toBeInstanceOf(Anthropic.PaymentRequiredError);
  expect(proxy.lines.slice(lines).filter((line) => line.includes('"reason":"request_limit_reached"')).length).toBe(2);
  expect(proxy.upstream.hits.length).toBe(1);
  const grant = await fetch(`${proxy.url}/v1/grant`, { headers: { authorization: `Bearer ${token}` } });
  expect(await grant.json()).toMatchObject({ client_id: 'client', limits: { max_requests: 1 }, used: { requests: 1 } });
  expect((await fetch(`${proxy.url}/openai/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
    200,
  );
});

it('S15: a request above the rate limit gets a 429 with the seconds to wait, and is not counted', async () => {
  const { grant, token } = await proxy.connect(chatScope, { maxRequestsPerMinute: 2 });
  const startedAt = performance.now();
  const statuses: number[] = [];
  for (let index = 0; index < 4; index += 1) statuses.push((await proxy.chat(token, {}, { proxy: index % 2 })).status);
  expect(statuses).toEqual([200, 200, 429, 429]);
  const refused = await proxy.chat(token);
  const seconds = Number(refused.headers.get('retry-after'));
  // the minute began with the first request
  expect(seconds).toBeGreaterThanOrEqual(60 - Math.ceil((performance.now() - startedAt) / 1_000));
  expect(seconds).toBeLessThanOrEqual(60);
  expect(await proxy.readUsedRequests(grant.id)).toBe(2);
  expect(proxy.upstream.hits.length).toBe(2);
});

it('H3: a client that claims another IP address with each request does not escape its rate limit', async () => {
  const { token } = await proxy.connect(chatScope, { maxRequestsPerMinute: 1 });
  const statuses = [];
  for (let index = 0; index < 3; index += 1)
    statuses.push(
      (
        await proxy.chat(
          token,
          {},
          { headers: { 'x-forwarded-for': `10.0.0.${index}`, forwarded: `for=10.0.0.${index}` } },
        )
      ).status,
    );
  expect(statuses).toEqual([200, 429, 429]);
});

it('a refused request is not counted as a request of its grant', async () => {
  const { grant, token } = await proxy.connect();
  await proxy.chat(token, { model: 'gpt-4o' });
  await proxy.chat(token, { model: 'unheard-of' });
  await proxy.chat(token, { n: 99_999 });
  await proxy.post('/openai/v1/chat/completions', 'no JSON', token);
  await proxy.post('/openai/v1/nothing', {}, token);
  expect(await proxy.readUsedRequests(grant.id)).toBe(0);
});

it('an upstream’s error is counted, since the upstream was reached', async () => {
  const { grant, token } = await proxy.connect();
  proxy.upstream.behaviour = answerJson(
    { error: { message: 'overloaded', type: 'server_error', code: null, param: null } },
    503,
    { 'retry-after': '7' },
  );
  const answer = await proxy.chat(token);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
  expect(await proxy.readUsedRequests(grant.id)).toBe(1);
});

it('a request that reached no upstream is no longer counted when its answer is sent, so that a retry is not refused', async () => {
  const unreachable = await TestProxy.start({ upstreamUrl: 'http://127.0.0.1:1' });
  try {
    const { token } = await unreachable.connect(chatScope, { maxRequests: 1 });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await unreachable.chat(token)).status);
    expect(statuses).toEqual([502, 502, 502, 502, 502]);
  } finally {
    await unreachable.stop();
  }
});

it('without any provider key the answer has the code `provider_key_missing`, and nothing is counted', async () => {
  const keyless = await TestProxy.start({ hasOperatorKeys: false });
  try {
    const { grant, token } = await keyless.connect();
    const answer = await keyless.chat(token);
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([424, 'false']);
    expect(await answer.json()).toMatchObject({ error: { code: 'provider_key_missing' } });
    expect(await keyless.readUsedRequests(grant.id)).toBe(0);
    await keyless.addProviderKey(grant.accountId, 'openai', 'sk-of-the-owner-0123456789');
    expect((await keyless.chat(token)).status).toBe(200);
    expect(keyless.upstream.last.headers.authorization).toBe('Bearer sk-of-the-owner-0123456789');
    expect(
      (await keyless.post('/anthropic/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 1, messages: [] }, token))
        .status,
    ).toBe(424);
  } finally {
    await keyless.stop();
  }
});

it('the owner’s provider key is preferred to the operator’s; if there is neither, the simulated upstream answers', async () => {
  const { grant, token } = await proxy.connect();
  await proxy.chat(token);
  expect(proxy.upstream.last.headers.authorization).toMatch(/^Bearer sk-operator-/);
  await proxy.addProviderKey(grant.accountId, 'openai', 'sk-of-the-owner-0123456789');
  await proxy.chat(token);
  expect(proxy.upstream.last.headers.authorization).toBe('Bearer sk-of-the-owner-0123456789');
  const simulating = await TestProxy.start({
    hasOperatorKeys: false,
    simulatedUpstreamUrl: `${proxy.upstream.url}/below`,
  });
  try {
    const other = await simulating.connect();
    proxy.upstream.behaviour = answerJson({ text: 'this is simulated' });
    const answer = await simulating.chat(other.token);
    expect(await answer.json()).toEqual({ text: 'this is simulated' });
    expect([proxy.upstream.last.target, proxy.upstream.last.headers.authorization]).toEqual([
      '/below/v1/chat/completions',
      'Bearer simulated',
    ]);
    expect(simulating.upstream.hits).toEqual([]);
  } finally {
    await simulating.stop();
  }
});
