import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson, type Behaviour } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start();
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

interface Case {
  readonly path: string;
  readonly body: object;
  /** The answer of a request that was processed in this tier. */
  readonly answer: (tier: string) => Behaviour;
  /** In nano-dollars, at the standard price. */
  readonly cost: bigint;
}

const messages = [{ role: 'user', content: 'Hello' }];
const chat = { model: 'gpt-5-mini', messages, max_completion_tokens: 1_000, service_tier: 'flex' };
const chatUsage = {
  prompt_tokens: 3_000,
  completion_tokens: 500,
  total_tokens: 3_500,
  prompt_tokens_details: { cached_tokens: 1_000 },
};
const responseUsage = { input_tokens: 3_000, output_tokens: 500, total_tokens: 3_500 };
/**
 * The prices of a million tokens. gpt-5-mini: $0.25 for input, $0.025 for cached input, $2.00 for output.
 * gemini-2.5-flash: $0.30 for input, $2.50 for output.
 */
const chatCost = 2_000n * 250n + 1_000n * 25n + 500n * 2_000n;
const responseCost = 3_000n * 250n + 500n * 2_000n;

const stream =
  (...events: object[]): Behaviour =>
  (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  };
const say = (text: string) => [{ type: 'message', content: [{ type: 'output_text', text }] }];

const cases: Readonly<Record<string, Case>> = {
  'a chat': {
    path: '/openai/v1/chat/completions',
    body: chat,
    answer: (service_tier) =>
      answerJson({ service_tier, choices: [{ index: 0, message: { content: 'Hi' } }], usage: chatUsage }),
    cost: chatCost,
  },
  'a streamed chat': {
    path: '/openai/v1/chat/completions',
    body: { ...chat, stream: true },
    answer: (service_tier) =>
      stream(
        { service_tier, choices: [{ index: 0, delta: { content: 'Hi' } }] },
        { service_tier, choices: [], usage: chatUsage },
      ),
    cost: chatCost,
  },
  'a response': {
    path: '/openai/v1/responses',
    body: { model: 'gpt-5-mini', input: 'Hello', max_output_tokens: 1_000, service_tier: 'flex' },
    answer: (service_tier) => answerJson({ service_tier, output: say('Hi'), usage: responseUsage }),
    cost: responseCost,
  },
  'a streamed response': {
    path: '/openai/v1/responses',
    body: { model: 'gpt-5-mini', input: 'Hello', max_output_tokens: 1_000, service_tier: 'flex', stream: true },
    answer: (service_tier) =>
      stream({ type: 'response.completed', response: { service_tier, output: say('Hi'), usage: responseUsage } }),
    cost: responseCost,
  },
  'content from Google': {
    path: '/google/v1beta/models/gemini-2.5-flash:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }], serviceTier: 'flex' },
    answer: (serviceTier) =>
      answerJson({
        candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 50, totalTokenCount: 150, serviceTier },
      }),
    cost: 100n * 300n + 50n * 2_500n,
  },
  'streamed content from Google': {
    path: '/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }], serviceTier: 'flex' },
    answer: (serviceTier) =>
      stream({
        candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 50, totalTokenCount: 150, serviceTier },
      }),
    cost: 100n * 300n + 50n * 2_500n,
  },
};

async function settle({ path, body }: Case, behaviour: Behaviour) {
  const { grant, token } = await proxy.connect('model:gpt-5-mini model:gemini-2.5-flash cap:chat');
  proxy.upstream.behaviour = behaviour;
  const answer = await proxy.post(path, body, token);
  await answer.text();
  expect(answer.status).toBe(200);
  const rows = () =>
    sql<{ settlement: string; cost: bigint; estimate: bigint }>`
      select settlement, cost, estimate from ledger where grant_id = ${grant.id}`.execute(proxy.database.db);
  await waitUntil(async () => (await rows()).rows.length === 1, 'it is settled');
  return (await rows()).rows[0];
}

it.each(Object.entries(cases))('%s is billed by the tier that the answer names', async (_name, each) => {
  expect(await settle(each, each.answer('flex'))).toMatchObject({ settlement: 'reported', cost: each.cost / 2n });
  // The vendor may answer in another tier.
  expect(await settle(each, each.answer('default'))).toMatchObject({ settlement: 'reported', cost: each.cost });
});

it('a flex request reserves the standard price', async () => {
  const { 'a chat': each } = cases;
  if (each === undefined) throw new Error('there is no such case');
  const flex = await settle(each, each.answer('flex'));
  const standard = await settle({ ...each, body: { ...chat, service_tier: 'default' } }, each.answer('default'));
  // "flex" is three bytes shorter than "default", and the estimate counts each byte of a request as a token.
  expect(flex?.estimate).toBe((standard?.estimate ?? 0n) - 3n * 250n);
});
