import { type LimitKind, limitKinds, limitTable } from '@aipassport/policy';
import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { streamForever } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});
beforeEach(waitPastMidnight);
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

const scope = 'model:gpt-4o-mini model:claude-3-haiku-20240307 model:gemini-2.5-flash cap:chat';

/** For each kind, a limit that the first request uses up or that does not cover one request. */
const small: Readonly<Record<LimitKind, bigint>> = {
  maxCost: 10n,
  maxCostPerMonth: 10n,
  maxCostPerDay: 10n,
  maxRequests: 1n,
  maxRequestsPerMinute: 1n,
  maxTokensPerMinute: 600n,
  maxStreams: 1n,
};

it.each(limitKinds)('a refusal because of %s names the limit in a header', async (kind) => {
  const { token } = await proxy.connect(scope, { [kind]: small[kind] });
  const isOfStreams = kind === 'maxStreams';
  if (isOfStreams) proxy.upstream.behaviour = streamForever(20);
  const ask = () => proxy.chat(token, { max_tokens: 500, stream: isOfStreams });
  let refused = await ask();
  for (let asked = 1; refused.status === 200 && asked < 4; asked += 1) refused = await ask();
  expect([refused.status, refused.headers.get('aipassport-limit')]).toEqual([
    limitTable[kind].usage === undefined ? 429 : 402,
    limitTable[kind].member,
  ]);
});

it('errors in Anthropic’s and Google’s formats name the limit in the body too', async () => {
  const { token } = await proxy.connect(scope, { maxCostPerDay: 10n });
  const anthropic = await proxy.post(
    '/anthropic/v1/messages',
    { model: 'claude-3-haiku-20240307', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] },
    token,
  );
  expect(await anthropic.json()).toMatchObject({ error: { details: { limit: 'max_cost_usd_per_day' } } });
  const google = await proxy.post(
    '/google/v1beta/models/gemini-2.5-flash:generateContent',
    { contents: [{ parts: [{ text: 'Hello' }] }] },
    token,
  );
  expect(await google.json()).toMatchObject({
    error: { details: [{ metadata: { limit: 'max_cost_usd_per_day' } }] },
  });
});
