import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { chatPath, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start({
    priceOverrides: {
      models: [],
      discounts: [],
      hash: '',
      unknownAs: [{ upstream: 'anthropic', id: 'claude-opus-5' }],
    },
  });
  const models = 'model:openai/* model:anthropic/* model:google/*';
  ({ token } = await proxy.connect(`${models} cap:chat cap:images cap:embeddings`));
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const question = [{ role: 'user', content: 'Hello' }];
const recording = { data: Buffer.alloc(32).toString('base64'), format: 'wav' };

function callOf(
  upstream: 'openai' | 'anthropic' | 'google',
  model: string,
): [path: string, body: Record<string, unknown>] {
  switch (upstream) {
    case 'openai':
      return [chatPath, { model, messages: question, max_tokens: 100 }];
    case 'anthropic':
      return ['/anthropic/v1/messages', { model, messages: question, max_tokens: 100 }];
    case 'google':
      return model.includes('embedding')
        ? [`/google/v1beta/models/${model}:embedContent`, { content: { parts: [{ text: 'Hello' }] } }]
        : [`/google/v1beta/models/${model}:generateContent`, { contents: [{ parts: [{ text: 'Hello' }] }] }];
  }
}

describe('an alias is sent unchanged, and the answer says which model it stands for', () => {
  it.each([
    ['openai', 'gpt-4o', 'gpt-4o'],
    ['openai', 'gpt-4o-2024-08-06', 'gpt-4o-2024-08-06'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['openai', 'gpt-3.5-turbo', 'gpt-3.5-turbo-0125'],
    ['openai', 'gpt-3.5-turbo-16k', 'gpt-3.5-turbo-16k-0613'],
    ['openai', 'gpt-4', 'gpt-4'],
    ['openai', 'gpt-4-turbo-preview', 'gpt-4-0125-preview'],
    ['openai', 'gpt-5', 'gpt-5-2025-08-07'],
    ['openai', 'gpt-5-chat-latest', 'gpt-5-chat-latest'],
    ['openai', 'gpt-5.3-chat-latest', 'gpt-5.3-chat-latest'],
    ['openai', 'gpt-5.6', 'gpt-5.6-sol'],
    ['openai', 'chatgpt-4o-latest', 'chatgpt-4o-latest'],
    ['openai', 'codex-mini-latest', 'codex-mini-latest'],
    ['openai', 'gpt-4o-audio-preview', 'gpt-4o-audio-preview'],
    ['openai', 'gpt-4o-mini-audio-preview', 'gpt-4o-mini-audio-preview-2024-12-17'],
    ['openai', 'o1-mini', 'o1-mini-2024-09-12'],
    ['anthropic', 'claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219'],
    ['anthropic', 'claude-3-5-sonnet-20240620', 'claude-3-5-sonnet-20240620'],
    ['anthropic', 'claude-3-5-haiku-latest', 'claude-3-5-haiku-20241022'],
    ['anthropic', 'claude-3-opus-latest', 'claude-3-opus-20240229'],
    ['anthropic', 'claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
    ['google', 'gemini-flash-latest', 'gemini-3.8-flash'],
    ['google', 'gemini-flash-lite-latest', 'gemini-3.5-flash-lite'],
    ['google', 'gemini-pro-latest', 'gemini-3.1-pro-preview'],
    ['google', 'gemini-2.0-flash-001', 'gemini-2.0-flash-001'],
    ['google', 'gemini-2.5-flash-image', 'gemini-2.5-flash-image'],
    ['google', 'text-embedding-004', 'gemini-embedding-001'],
  ] as const)('%s: %s', async (upstream, model, standsFor) => {
    const [path, body] = callOf(upstream, model);
    const response = await proxy.post(path, body, token);
    expect([response.status, response.headers.get('aipassport-model')]).toEqual([200, standsFor]);
    const { target, body: sent } = proxy.upstream.last;
    expect(upstream === 'google' ? target : JSON.parse(sent.toString()).model).toContain(model);
  });
});

it('for an alias that changes, the price of the most expensive of its models is reserved', async () => {
  const held = async (model: string) => {
    const { token: own } = await proxy.connect('model:google/* cap:chat', { maxCost: 1_000_000_000n });
    const [path, body] = callOf('google', model);
    const generationConfig = { maxOutputTokens: 1_000 };
    return (await proxy.post(path, { ...body, generationConfig }, own)).headers.get('aipassport-remaining-usd');
  };
  expect(await held('gemini-flash-latest')).toMatch(/^0\.99/);
  expect(await held('gemini-flash-latest')).toBe(await held('gemini-3.5-flash'));
});

it('an answer to an alias that changes is charged at the price of the model that the answer names, whole or streamed', async () => {
  const chargeOf = async (modelVersion: string, stream: boolean) => {
    const { grant, token: own } = await proxy.connect('model:google/* cap:chat');
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
    const candidates = [{ content: { parts: [{ text: 'Good morning.' }] }, finishReason: 'STOP' }];
    const answer = JSON.stringify({ candidates, modelVersion, usageMetadata });
    proxy.upstream.behaviour = (_hit, response) => {
      response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
      response.end(stream ? `data: ${answer}\n\n` : answer);
    };
    const [path, body] = callOf('google', 'gemini-flash-latest');
    await (
      await proxy.post(stream ? path.replace(':generate', ':streamGenerate') + '?alt=sse' : path, body, own)
    ).text();
    let cost: string | undefined;
    await waitUntil(async () => {
      const { rows } = await sql<{ cost: string }>`select cost::text from ledger where grant_id = ${grant.id}`.execute(
        proxy.database.db,
      );
      cost = rows[0]?.cost;
      return cost !== undefined;
    }, 'the request is settled');
    return cost;
  };
  for (const stream of [false, true]) {
    expect(await chargeOf('gemini-2.5-flash', stream)).toBe('15500');
    expect(await chargeOf('models/gemini-3.5-flash', stream)).toBe('60000');
    expect(await chargeOf('gemini-77', stream)).toBe('60000');
  }
});

it('a grant for a model name allows the versions that the name may refer to, but no other models with similar names', async () => {
  const { token: named } = await proxy.connect('model:gpt-4o cap:chat');
  for (const model of ['gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-2024-11-20'])
    expect((await proxy.chat(named, { model })).status).toBe(200);
  for (const model of ['gpt-4o-2024-05-13', 'gpt-4o-mini', 'gpt-4o-audio-preview', 'chatgpt-4o-latest'])
    expect([model, (await proxy.chat(named, { model })).status]).toEqual([model, 403]);
  const { token: version } = await proxy.connect('model:gpt-4o-2024-08-06 cap:chat');
  const refused = await proxy.chat(version, { model: 'gpt-4o' });
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    403,
    expect.stringContaining('scope="model:gpt-4o cap:chat"'),
  ]);
});

it('a model that makes pictures by default needs the capability for pictures, unless the request asks for text alone', async () => {
  const [path, body] = callOf('google', 'gemini-2.5-flash-image');
  const { token: chatOnly } = await proxy.connect('model:gemini-2.5-flash-image cap:chat');
  expect((await proxy.post(path, body, chatOnly)).status).toBe(403);
  const asText = { ...body, generationConfig: { responseModalities: ['TEXT'] } };
  expect((await proxy.post(path, asText, chatOnly)).status).toBe(200);
});

it('a model with sound input accepts a recording, and other models refuse it', async () => {
  const messages = [{ role: 'user', content: [{ type: 'input_audio', input_audio: recording }] }];
  expect((await proxy.chat(token, { model: 'gpt-4o-audio-preview', messages })).status).toBe(200);
  expect((await proxy.chat(token, { model: 'gpt-4o', messages })).status).toBe(400);
});

it('the refusal of a model without a known price says where the served models are listed, and what the app, the owner and the operator can do', async () => {
  for (const [upstream, model, list] of [
    ['openai', 'gpt-99', '/openai/v1/models'],
    ['google', 'gemini-99-flash', '/google/v1beta/models'],
  ] as const) {
    const [path, body] = callOf(upstream, model);
    const response = await proxy.post(path, body, token);
    expect(response.status).toBe(404);
    const text = await response.text();
    for (const part of [
      `GET ${list}`,
      'The app',
      'the owner',
      'The operator',
      'PRICES_FILE',
      'UNKNOWN_MODELS=price-as:',
    ])
      expect(text).toContain(part);
    expect((await fetch(`${proxy.url}${list}`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('if the operator names a model whose price applies to unknown models, unknown models are served at that price', async () => {
  const { grant, token: own } = await proxy.connect('model:anthropic/* cap:chat');
  const [path, body] = callOf('anthropic', 'claude-sonnet-7');
  const response = await proxy.post(path, body, own);
  expect([response.status, response.headers.get('aipassport-model')]).toEqual([200, 'claude-opus-5']);
  expect(JSON.parse(proxy.upstream.last.body.toString())).toMatchObject({ model: 'claude-sonnet-7', max_tokens: 100 });
  const { token: narrow } = await proxy.connect('model:anthropic/claude-sonnet-7 cap:chat');
  expect((await proxy.post(path, body, narrow)).status).toBe(200);
  expect((await proxy.post(path, { ...body, model: 'claude-sonnet-8' }, narrow)).status).toBe(403);
  expect(grant.scope).toBe('model:anthropic/* cap:chat');
});
