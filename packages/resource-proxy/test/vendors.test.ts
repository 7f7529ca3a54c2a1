import { costOf, createPriceCatalogue, parsePriceOverrides } from '@aipassport/policy';
import { revokeGrant } from '@aipassport/store/authorization';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import OpenAI from 'openai';
import { answerJson, type Behaviour } from './support/recording-upstream.js';
import { operatorKey, TestProxy } from './support/test-proxy.js';
import { vendors } from './support/vendors.js';
import { waitUntil } from './support/wait-until.js';

const prices = createPriceCatalogue();
const question = [{ role: 'user' as const, content: 'Hello' }];

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start();
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

const lastBody = () => JSON.parse(proxy.upstream.last.body.toString()) as Record<string, unknown>;

function streamEvents(chunks: readonly unknown[]): Behaviour {
  return (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`);
  };
}

describe.each(Object.entries(vendors))('%s', (name, vendor) => {
  const { model, usage } = vendor;
  const chunk = { id: 'c1', object: 'chat.completion.chunk', created: 1, model };
  const delta = (content: string, rest = {}) => ({ ...chunk, choices: [{ index: 0, delta: { content }, ...rest }] });
  const withChoice = { ...delta('', { finish_reason: 'stop' }), usage };
  const ofItsOwn = [delta('', { finish_reason: 'stop' }), { ...chunk, choices: [], usage }];
  const last = vendor.reportsUsageInLastChoice ? [withChoice] : ofItsOwn;
  const chunks = [delta('Good '), delta('morning.'), ...last];
  const whole = {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: 'Good morning.' }, finish_reason: 'stop' }],
    usage,
  };

  async function connect(maxCost?: bigint) {
    const scope = `model:${name}/${model} cap:chat`;
    const { grant, token } = await proxy.connect(scope, maxCost === undefined ? {} : { maxCost });
    const sdk = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/${name}/v1`, maxRetries: 0 });
    const readLedger = async () => {
      const rows = () =>
        sql<{ settlement: string; cost: bigint; estimate: bigint; operation: string }>`
          select settlement, cost, estimate, operation from ledger where grant_id = ${grant.id}`.execute(
          proxy.database.db,
        );
      await waitUntil(async () => (await rows()).rows.length > 0, 'it is settled');
      return (await rows()).rows;
    };
    return { grant, token, sdk, readLedger };
  }

  function expectedCost(): bigint {
    const price = prices.findPrice(name, model, new Date());
    const cost = price && costOf(price, vendor.means);
    if (cost?.ok !== true) throw new Error('the usage has no price');
    return vendor.charged ?? cost.nanoUsd;
  }

  it('answers the openai SDK, gets the key, gets the output limit in the field that it reads, and reports the usage that is charged', async () => {
    proxy.upstream.behaviour = answerJson(whole);
    const { sdk, readLedger } = await connect();
    const answer = await sdk.chat.completions.create({ model, messages: question, max_completion_tokens: 700 });
    expect(answer.choices[0]?.message.content).toBe('Good morning.');
    expect(proxy.upstream.last.target).toBe(vendor.path);
    expect(proxy.upstream.last.headers.authorization).toBe(`Bearer ${operatorKey}`);
    const { max_tokens: older, max_completion_tokens: newer, model: sent } = lastBody();
    expect([sent, older, newer]).toEqual([
      model,
      vendor.limit === 'max_tokens' ? 700 : undefined,
      vendor.limit === 'max_tokens' ? undefined : 700,
    ]);
    const [row] = await readLedger();
    expect(row).toMatchObject({ settlement: 'reported', cost: expectedCost() });
    expect(row?.estimate).toBeGreaterThanOrEqual(expectedCost());
    expect(row?.operation).toBe(`${name}.openai.chat/completions`);
  });

  it('streams to the openai SDK, and the usage that the stream reports is charged', async () => {
    proxy.upstream.behaviour = streamEvents(chunks);
    const { sdk, readLedger } = await connect();
    let text = '';
    let isShown = false;
    for await (const one of await sdk.chat.completions.create({ model, messages: question, stream: true })) {
      text += one.choices[0]?.delta.content ?? '';
      isShown ||= Boolean(one.usage);
    }
    expect([text, isShown]).toEqual(['Good morning.', vendor.stream.isShown]);
    expect(lastBody()['stream_options']).toEqual(vendor.stream.isAsked ? { include_usage: true } : undefined);
    expect(await readLedger()).toMatchObject([{ settlement: 'reported', cost: expectedCost() }]);
  });

  it('a small budget lowers the limit that the vendor reads', async () => {
    proxy.upstream.behaviour = answerJson(whole);
    const { token } = await connect(4_000_000n);
    const response = await proxy.post(`/${name}/v1/chat/completions`, { model, messages: question }, token);
    expect(response.status).toBe(200);
    expect(lastBody()[vendor.limit]).toEqual(expect.any(Number));
  });

  it('members without a known price are refused, and the refusal names them', async () => {
    const { token } = await connect();
    for (const members of vendor.refused) {
      const [member = ''] = Object.keys(members);
      const body = { model, messages: question, ...members };
      const response = await proxy.post(`/${name}/v1/chat/completions`, body, token);
      expect([members, response.status, proxy.upstream.hits.length]).toEqual([members, 400, 0]);
      expect(await response.text()).toMatch(member === 'messages' ? /file|cache/ : new RegExp(member));
    }
  });

  it('members that change no price pass', async () => {
    proxy.upstream.behaviour = answerJson(whole);
    const { token } = await connect();
    const body = { model, messages: question, ...vendor.harmless };
    const response = await proxy.post(`/${name}/v1/chat/completions`, body, token);
    expect([response.status, response.headers.get('aipassport-dropped')]).toEqual([200, null]);
    for (const [member, value] of Object.entries(vendor.harmless)) {
      if (member === 'search_parameters') expect(lastBody()[member]).toBeUndefined();
      else expect(lastBody()[member]).toEqual(member === 'provider' ? expect.objectContaining(value as object) : value);
    }
  });

  it('an error of the vendor is passed on, and costs nothing', async () => {
    const { status, body, message } = vendor.error;
    proxy.upstream.behaviour = (_hit, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const { sdk, readLedger } = await connect();
    const call = sdk.chat.completions.create({ model, messages: question });
    await expect(call).rejects.toMatchObject({ status, message: expect.stringContaining(message) });
    expect(await readLedger()).toMatchObject([{ cost: 0n }]);
  });

  it('a stream is cut when the grant is revoked', async () => {
    proxy.upstream.behaviour = (_hit, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(delta('Good '))}\n\n`);
    };
    const { sdk, grant } = await connect();
    const stream = await sdk.chat.completions.create({ model, messages: question, stream: true });
    const reading = (async () => {
      for await (const _ of stream);
    })();
    const isCut = expect(reading).rejects.toThrow();
    await revokeGrant(proxy.database.db, { grantId: grant.id, reason: 'owner', revokedBy: 'owner' });
    await isCut;
  });
});

it('OpenRouter may charge no more than the prices of the estimate', async () => {
  proxy.upstream.behaviour = answerJson({ choices: [] });
  const { token } = await proxy.connect('model:openrouter/anthropic/claude-haiku-4.5 cap:chat');
  const body = {
    model: 'anthropic/claude-haiku-4.5',
    messages: question,
    provider: { sort: 'throughput', max_price: { prompt: 999 } },
  };
  const response = await proxy.post('/openrouter/v1/chat/completions', body, token);
  expect(lastBody()['provider']).toEqual({ sort: 'throughput', max_price: { prompt: 1, completion: 5, request: 0 } });
  expect(response.headers.get('aipassport-dropped') ?? '').toContain('provider.max_price');
});

it('if the account at OpenRouter uses its own key of an AI provider, the charges of both are added up', async () => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    cost: 0.000001,
    is_byok: true,
    cost_details: { upstream_inference_cost: 0.00002 },
  };
  proxy.upstream.behaviour = answerJson({ choices: [], usage });
  const { grant, token } = await proxy.connect('model:openrouter/anthropic/claude-haiku-4.5 cap:chat');
  const body = { model: 'anthropic/claude-haiku-4.5', messages: question };
  await (await proxy.post('/openrouter/v1/chat/completions', body, token)).text();
  const read = async () =>
    (await sql<{ cost: bigint }>`select cost from ledger where grant_id = ${grant.id}`.execute(proxy.database.db)).rows;
  await waitUntil(async () => (await read()).length > 0, 'it is settled');
  expect(await read()).toEqual([{ cost: 21_000n }]);
});

it('a request to xAI costs what xAI says that it charged', async () => {
  const usage = {
    prompt_tokens: 199,
    completion_tokens: 1,
    total_tokens: 200,
    num_sources_used: 2,
    cost_in_usd_ticks: 503_000_001,
  };
  proxy.upstream.behaviour = answerJson({ choices: [], usage });
  const { grant, token } = await proxy.connect('model:xai/grok-4.3 cap:chat');
  await (await proxy.post('/xai/v1/chat/completions', { model: 'grok-4.3', messages: question }, token)).text();
  const read = async () =>
    (await sql<{ cost: bigint }>`select cost from ledger where grant_id = ${grant.id}`.execute(proxy.database.db)).rows;
  await waitUntil(async () => (await read()).length > 0, 'it is settled');
  expect(await read()).toEqual([{ cost: 50_300_001n }]);
});

it('a wrong xAI key, to which xAI answers 400, is a problem of the owner and not of the client', async () => {
  const error = 'Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai.';
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: 'Client specified an invalid argument', error }));
  };
  const { token } = await proxy.connect('model:xai/grok-4.3 cap:chat');
  const response = await proxy.post('/xai/v1/chat/completions', { model: 'grok-4.3', messages: question }, token);
  expect([response.status, await response.text()]).toEqual([502, expect.not.stringContaining('xa***')]);
});

it('a model of a local upstream costs nothing, and its key and limit are sent like those of other upstreams', async () => {
  const parsed = parsePriceOverrides(
    JSON.stringify({
      upstreams: [{ name: 'ollama', like: 'ollama', base_url: 'http://models.internal:11434' }],
      models: [
        {
          upstream: 'ollama',
          id: 'llama3.2:3b',
          capabilities: ['chat'],
          context_window: 131_072,
          max_output_tokens: 8_192,
        },
      ],
    }),
  );
  if (!parsed.ok) throw new Error(parsed.message);
  const local = await TestProxy.start({ priceOverrides: parsed.overrides });
  const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
  local.upstream.behaviour = answerJson({ choices: [{ message: { content: 'Hi' } }], usage });
  const { grant, token } = await local.connect('model:ollama/llama3.2:3b cap:chat', { maxCost: 1n });
  await local.addProviderKey(grant.accountId, 'ollama', 'any-key-will-do');
  const body = { model: 'llama3.2:3b', messages: question, max_completion_tokens: 50 };
  const response = await local.post('/ollama/v1/chat/completions', body, token);
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Hi')]);
  const { headers, body: sent } = local.upstream.last;
  expect(headers.authorization).toBe('Bearer any-key-will-do');
  expect(JSON.parse(sent.toString())).toEqual({ model: 'llama3.2:3b', messages: question, max_tokens: 50 });
  const read = async () =>
    (await sql<{ cost: bigint; settlement: string }>`select cost, settlement from ledger`.execute(local.database.db))
      .rows;
  await waitUntil(async () => (await read()).length > 0, 'it is settled');
  expect(await read()).toEqual([{ cost: 0n, settlement: 'reported' }]);
  await local.stop();
});
