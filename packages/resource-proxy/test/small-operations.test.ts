import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import OpenAI from 'openai';
import { mp3Of } from './support/recording.js';
import { answerJson, type Behaviour } from './support/recording-upstream.js';
import { operatorKey, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start();
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

const scope =
  'model:gpt-4o-mini model:gpt-3.5-turbo-instruct model:omni-moderation-latest model:whisper-1 cap:chat cap:audio';

async function connect(maxCost?: bigint) {
  const { grant, token } = await proxy.connect(scope, maxCost === undefined ? {} : { maxCost });
  const sdk = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/openai/v1`, maxRetries: 0 });
  const readLedger = async () => {
    const rows = () =>
      sql<{ settlement: string; cost: bigint; estimate: bigint }>`
        select settlement, cost, estimate from ledger where grant_id = ${grant.id} order by admitted_at`.execute(
        proxy.database.db,
      );
    await waitUntil(async () => (await rows()).rows.length > 0, 'it is settled');
    return (await rows()).rows;
  };
  return { token, sdk, readLedger };
}

const lastBody = () => JSON.parse(proxy.upstream.last.body.toString()) as Record<string, unknown>;

it('moderations and counts of a response’s input are free, and pass with any budget', async () => {
  const { sdk, readLedger } = await connect(1n);
  proxy.upstream.behaviour = answerJson({ id: 'm', model: 'omni-moderation-latest', results: [{ flagged: false }] });
  const { results } = await sdk.moderations.create({ input: [{ type: 'text', text: 'Hello' }] });
  expect(results[0]?.flagged).toBe(false);
  expect([proxy.upstream.last.target, lastBody()['model']]).toEqual(['/v1/moderations', 'omni-moderation-latest']);
  proxy.upstream.behaviour = answerJson({ object: 'response.input_tokens', input_tokens: 11 });
  const counted = await sdk.responses.inputTokens.count({
    model: 'gpt-4o-mini',
    input: 'Hello',
    text: { verbosity: 'low' },
  });
  expect(counted.input_tokens).toBe(11);
  expect(lastBody()).toEqual({ model: 'gpt-4o-mini', input: 'Hello', text: { verbosity: 'low' } });
  await waitUntil(async () => (await readLedger()).length === 2, 'both are settled');
  for (const row of await readLedger()) expect(row).toMatchObject({ cost: 0n, estimate: 0n, settlement: 'reported' });
});

it('a moderation needs its model in the scope, even if the request names no model', async () => {
  const { token } = await proxy.connect();
  const answer = await proxy.post('/openai/v1/moderations', { input: 'x' }, token);
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
    403,
    expect.stringContaining('model:omni-moderation-latest'),
  ]);
});

/** gpt-3.5-turbo-instruct: $1.50 for a million input tokens, $2.00 for a million output tokens. */
const costOf = (input: number, output: number) => BigInt(input * 1_500 + output * 2_000);

it('a legacy completion is bounded by its prompts and their outputs, and costs the reported usage', async () => {
  const cases: [Omit<OpenAI.CompletionCreateParamsNonStreaming, 'model'>, number, number][] = [
    // without an output limit the vendor writes 16 tokens
    [{ prompt: 'Hello' }, 16, 16],
    [{ prompt: 'Hello', max_tokens: 10, n: 2, best_of: 5 }, 10, 50],
    [{ prompt: ['a', 'b', 'c'], max_tokens: 10, n: 2 }, 10, 60],
    [{ prompt: [1, 2, 3, 4], max_tokens: 10 }, 10, 10],
    [{ prompt: [[1, 2], [3]], max_tokens: 10 }, 10, 20],
  ];
  for (const [params, limit, written] of cases) {
    const { sdk, readLedger } = await connect();
    const usage = { prompt_tokens: 3, completion_tokens: 7, total_tokens: 10 };
    proxy.upstream.behaviour = answerJson({ choices: [{ index: 0, text: 'Hi' }], usage });
    await sdk.completions.create({ model: 'gpt-3.5-turbo-instruct', ...params });
    expect(lastBody()).toEqual({ model: 'gpt-3.5-turbo-instruct', ...params, max_tokens: limit });
    const [row] = await readLedger();
    expect(row).toMatchObject({ settlement: 'reported', cost: costOf(3, 7) });
    expect(row?.estimate).toBeGreaterThan(costOf(0, written));
    expect(row?.estimate).toBeLessThan(costOf(200, written));
  }
});

it('a legacy completion whose answer repeats the prompt is charged for the prompt once, as input', async () => {
  const { sdk, readLedger } = await connect();
  const prompt = 'Once upon a time. '.repeat(100);
  const choices = [{ index: 0, text: prompt, finish_reason: 'length', logprobs: { tokens: ['Once'] } }];
  const params = { model: 'gpt-3.5-turbo-instruct', prompt, echo: true, max_tokens: 0, logprobs: 1 };
  proxy.upstream.behaviour = answerJson({ choices, usage: { prompt_tokens: 500, total_tokens: 500 } });
  await sdk.completions.create(params);
  expect(lastBody()).toEqual(params);
  proxy.upstream.behaviour = answerJson({
    choices: [{ ...choices[0], text: `${prompt}There` }],
    usage: { prompt_tokens: 500, completion_tokens: 1, total_tokens: 501 },
  });
  await sdk.completions.create({ ...params, max_tokens: 1 });
  await waitUntil(async () => (await readLedger()).length === 2, 'both are settled');
  expect((await readLedger()).map(({ settlement, cost }) => [settlement, cost])).toEqual([
    ['reported', costOf(500, 0)],
    ['reported', costOf(500, 1)],
  ]);
});

it('the proxy asks for the usage of a streamed completion, and hides it from a client that did not ask', async () => {
  const { sdk, readLedger } = await connect();
  const events = [
    { choices: [{ index: 0, text: 'Hi' }], usage: null },
    { choices: [], usage: { prompt_tokens: 3, completion_tokens: 7, total_tokens: 10 } },
  ];
  const say: Behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`);
  };
  proxy.upstream.behaviour = say;
  const seen: unknown[] = [];
  const params = { model: 'gpt-3.5-turbo-instruct', prompt: 'Hello', max_tokens: 9, stream: true } as const;
  for await (const event of await sdk.completions.create(params)) seen.push(event);
  expect(seen).toEqual([{ choices: [{ index: 0, text: 'Hi' }] }]);
  expect(lastBody()['stream_options']).toEqual({ include_usage: true });
  expect((await readLedger())[0]).toMatchObject({ settlement: 'reported', cost: costOf(3, 7) });
});

it('a translation of a recording costs as much as a transcription of it', async () => {
  const { sdk, readLedger } = await connect();
  proxy.upstream.behaviour = answerJson({ text: 'hello', usage: { type: 'duration', seconds: 3 } });
  const file = new File([mp3Of(5_000)], 'a.mp3', { type: 'audio/mpeg' });
  expect((await sdk.audio.translations.create({ model: 'whisper-1', file })).text).toBe('hello');
  expect(proxy.upstream.last.target).toBe('/v1/audio/translations');
  // $0.006 a minute
  expect((await readLedger())[0]).toMatchObject({ settlement: 'reported', cost: 300_000n });
});

it('OpenAI’s SDK reaches the models of Google and Anthropic, at their prices and in OpenAI’s format', async () => {
  const { token, grant } = await proxy.connect(
    'model:gemini-2.5-flash model:gemini-embedding-001 model:claude-haiku-4-5 cap:chat cap:embeddings',
  );
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 115 };
  const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }];
  const google = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/google/v1beta/openai/`, maxRetries: 0 });
  const anthropic = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/anthropic/v1/`, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'Hello' }];

  proxy.upstream.behaviour = answerJson({ choices, usage });
  await google.chat.completions.create({ model: 'gemini-2.5-flash', messages, service_tier: 'default' });
  const { target, headers } = proxy.upstream.last;
  expect([target, headers.authorization, headers['x-goog-api-key']]).toEqual([
    '/v1beta/openai/chat/completions',
    `Bearer ${operatorKey}`,
    undefined,
  ]);
  expect(lastBody()).toEqual({ model: 'gemini-2.5-flash', messages, max_completion_tokens: 65_536 });

  proxy.upstream.behaviour = answerJson({ choices, usage: { ...usage, total_tokens: 15 } });
  await anthropic.chat.completions.create({ model: 'claude-haiku-4-5', messages, max_tokens: 9 });
  expect([proxy.upstream.last.target, proxy.upstream.last.headers.authorization]).toEqual([
    '/v1/chat/completions',
    `Bearer ${operatorKey}`,
  ]);

  proxy.upstream.behaviour = answerJson({
    data: [{ embedding: [1], index: 0 }],
    usage: { prompt_tokens: 3, total_tokens: 3 },
  });
  await google.embeddings.create({ model: 'gemini-embedding-001', input: 'x', encoding_format: 'float' });
  expect(proxy.upstream.last.target).toBe('/v1beta/openai/embeddings');

  const rows = () =>
    sql<{ upstream: string; model: string; cost: bigint }>`
      select upstream, model, cost from ledger where grant_id = ${grant.id} order by admitted_at`.execute(
      proxy.database.db,
    );
  await waitUntil(async () => (await rows()).rows.length === 3, 'all are settled');
  expect((await rows()).rows).toEqual([
    // only `total_tokens` includes the thinking tokens: 10 tokens at $0.30 a million and 105 at $2.50 a million
    { upstream: 'google', model: 'gemini-2.5-flash', cost: BigInt(10 * 300 + 105 * 2_500) },
    { upstream: 'anthropic', model: 'claude-haiku-4-5', cost: BigInt(10 * 1_000 + 5 * 5_000) },
    { upstream: 'google', model: 'gemini-embedding-001', cost: BigInt(3 * 150) },
  ]);

  expect((await google.models.list()).data.map(({ id }) => id)).toEqual(['gemini-2.5-flash', 'gemini-embedding-001']);
  const refused = await proxy.post(
    '/google/v1beta/openai/chat/completions',
    { model: 'gemini-2.5-pro', messages },
    token,
  );
  expect([refused.status, await refused.json()]).toEqual([
    403,
    { error: expect.objectContaining({ code: 'insufficient_scope', param: null }) },
  ]);
});
