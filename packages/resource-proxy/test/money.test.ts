import { verifyLedger } from '@aipassport/store';
import { findGrantStatus } from '@aipassport/store/proxying';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson, type Behaviour, streamForever } from './support/recording-upstream.js';
import { chatScope, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2, limits: { maxDrainMilliseconds: 300 } });
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy.stop());

const message = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] };
const withUsage = (prompt: unknown, completion: unknown): Behaviour =>
  answerJson({ ...message, usage: { prompt_tokens: prompt, completion_tokens: completion } });
/** The cost of a chat with gpt-4o-mini: $0.15 for a million input tokens, and $0.60 for a million output tokens. */
const costOf = (prompt: number, completion: number) => BigInt(prompt * 150 + completion * 600);

async function readUsage(grantId: string) {
  const settled = async () => (await findGrantStatus(proxy.database.db, grantId))?.usage.reserved === 0n;
  await waitUntil(settled, 'everything is settled');
  return (await findGrantStatus(proxy.database.db, grantId))?.usage;
}

async function readLedger(grantId: string): Promise<Record<string, unknown>[]> {
  await readUsage(grantId);
  const { rows } = await sql<Record<string, unknown>>`
    select settlement, counted, cost, model, operation, status, input_tokens, output_tokens, catalogue_version, first_byte_milliseconds
    from ledger where grant_id = ${grantId} order by admitted_at`.execute(proxy.database.db);
  return rows;
}

it('charges what the upstream reports, to the nano-dollar, and writes it into the ledger', async () => {
  proxy.upstream.behaviour = withUsage(11, 7);
  const { grant, token } = await proxy.connect(chatScope, { maxCost: 1_000_000_000n });
  const answer = await proxy.chat(token, { max_tokens: 100 });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('aipassport-remaining-usd')).toMatch(/^0\.999\d+$/);
  expect(await readLedger(grant.id)).toEqual([
    {
      settlement: 'reported',
      counted: true,
      cost: costOf(11, 7),
      model: 'gpt-4o-mini',
      operation: 'openai.chat/completions',
      status: 200,
      input_tokens: 11n,
      output_tokens: 7n,
      catalogue_version: expect.stringMatching(/^genai-prices@/),
      first_byte_milliseconds: expect.any(Number),
    },
  ]);
  expect(await readUsage(grant.id)).toMatchObject({ spent: costOf(11, 7), reserved: 0n, requests: 1 });
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.6: a chat with a prediction is charged the usage that is reported; a search in a chat is charged in addition', async () => {
  proxy.upstream.behaviour = withUsage(11, 7);
  const models = 'model:gpt-4o-mini model:gpt-4o-mini-search-preview cap:chat cap:tools.web';
  const { grant, token } = await proxy.connect(models, { maxCost: 1_000_000_000n });
  const prediction = { type: 'content', content: 'Hi' };
  expect((await proxy.chat(token, { prediction })).status).toBe(200);
  expect(JSON.parse(proxy.upstream.last.body.toString())).not.toHaveProperty('max_completion_tokens');
  const search = { model: 'gpt-4o-mini-search-preview', web_search_options: { search_context_size: 'low' } };
  expect((await proxy.chat(token, search)).status).toBe(200);
  expect((await readLedger(grant.id)).map(({ settlement, cost }) => [settlement, cost])).toEqual([
    ['reported', costOf(11, 7)],
    ['reported', costOf(11, 7) + 25_000_000n],
  ]);
  const { token: without } = await proxy.connect('model:gpt-4o-mini-search-preview cap:chat');
  expect((await proxy.chat(without, { model: search.model })).status).toBe(403);
});

it('an answer says how much is left of each limit that is set', async () => {
  proxy.upstream.behaviour = withUsage(11, 7);
  const limits = { maxRequests: 10, maxRequestsPerMinute: 5, maxTokensPerMinute: 50_000 };
  const { token } = await proxy.connect(chatScope, limits);
  const { headers } = await proxy.chat(token, { max_tokens: 1_000 });
  expect(headers.get('aipassport-remaining-requests')).toBe('9');
  expect(headers.get('x-ratelimit-remaining-requests')).toBe('4');
  const tokens = Number(headers.get('x-ratelimit-remaining-tokens'));
  expect(tokens).toBeLessThanOrEqual(49_000);
  expect(tokens).toBeGreaterThan(45_000);
  expect(headers.has('aipassport-remaining-usd')).toBe(false);
  const unlimited = await proxy.chat((await proxy.connect(chatScope)).token);
  expect([...unlimited.headers.keys()].filter((name) => name.includes('remaining'))).toEqual([]);
});

describe('a small budget', () => {
  it('stays usable: the output limit is lowered to fit it', async () => {
    proxy.upstream.behaviour = withUsage(11, 7);
    const { token } = await proxy.connect(chatScope, { maxCost: 150_000n });
    expect((await proxy.chat(token)).status).toBe(200);
    const sent = JSON.parse(proxy.upstream.last.body.toString()) as { max_completion_tokens: number };
    expect(sent.max_completion_tokens).toBeGreaterThanOrEqual(16);
    expect(sent.max_completion_tokens).toBeLessThan(250);
  });

  it('that does not cover sixteen tokens is exhausted: a final 402 with the link to raise it, and nothing is forwarded', async () => {
    const { grant, token } = await proxy.connect(chatScope, { maxCost: 5_000n });
    const answer = await proxy.chat(token);
    expect(answer.status).toBe(402);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await answer.json()).toMatchObject({
      error: { code: 'budget_exhausted', message: expect.stringContaining(`/account/grants/${grant.id}/limits`) },
    });
    expect(proxy.upstream.hits).toHaveLength(0);
  });

  it('allows fewer searches, and then a lower output limit, before the request is refused', async () => {
    proxy.upstream.behaviour = answerJson({ error: { message: 'not today' } }, 500);
    const scope = 'model:gpt-5-mini cap:chat cap:tools.web';
    const ask = async (maxCost: bigint) => {
      const { token } = await proxy.connect(scope, { maxCost });
      const body = { model: 'gpt-5-mini', input: 'Hi', max_output_tokens: 100, tools: [{ type: 'web_search' }] };
      return (await proxy.post('/openai/v1/responses', body, token)).status;
    };
    const sent = () => JSON.parse(proxy.upstream.last.body.toString()) as Record<string, unknown>;
    expect(await ask(1_000_000_000n)).toBe(500);
    expect(sent()).toMatchObject({ max_tool_calls: 5, max_output_tokens: 100 });
    expect(await ask(120_000_000n)).toBe(500);
    expect(sent()).toMatchObject({ max_tool_calls: 2, max_output_tokens: 100 });
    expect(await ask(74_150_000n)).toBe(500);
    expect(sent()).toMatchObject({ max_tool_calls: 1, max_output_tokens: 75 });
    expect(await ask(74_000_000n)).toBe(402);
    expect(proxy.upstream.hits).toHaveLength(3);
  });

  it('is never overspent by parallel requests at two replicas, even if each one uses up its output limit', async () => {
    const budget = 2_000_000n;
    let billed = 0n;
    proxy.upstream.behaviour = (hit, response) => {
      const { max_completion_tokens: most } = JSON.parse(hit.body.toString()) as { max_completion_tokens: number };
      billed += costOf(20, most);
      withUsage(20, most)(hit, response);
    };
    const { grant, token } = await proxy.connect(chatScope, { maxCost: budget });
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => proxy.chat(token, { max_completion_tokens: 50 + n }, { proxy: n % 2 })),
      );
      // settling frees the unused part of each reservation for the next round
      await readUsage(grant.id);
    }
    expect(billed).toBeGreaterThan(budget / 2n);
    expect(billed).toBeLessThanOrEqual(budget);
    expect((await readUsage(grant.id))?.spent).toBe(billed);
  });
});

it.each([
  ['missing', answerJson(message)],
  ['null', answerJson({ ...message, usage: null })],
  ['negative', withUsage(-5, 7)],
  ['text', withUsage('11', 7)],
  ['fractional', withUsage(11.5, 7)],
  ['zero', withUsage(0, 0)],
  ['contradictory', answerJson({ ...message, usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 3 } })],
  [
    'in garbage',
    (_hit, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"usage'),
  ],
] satisfies [string, Behaviour][])(
  '3.6: usage that is %s is not believed: the input and the part of the answer that arrived are charged',
  async (_name, behaviour) => {
    proxy.upstream.behaviour = behaviour;
    const { grant, token } = await proxy.connect();
    const answer = await proxy.chat(token, { max_tokens: 10_000 });
    const bytes = (await answer.arrayBuffer()).byteLength;
    const [row] = await readLedger(grant.id);
    const { rows } = await sql<{ input: bigint }>`
      select estimate - ${costOf(0, 10_000)}::bigint as input from ledger where grant_id = ${grant.id}`.execute(
      proxy.database.db,
    );
    expect(row).toMatchObject({ settlement: 'produced', cost: (rows[0]?.input ?? 0n) + costOf(0, bytes) });
  },
);

it('an error of the upstream costs nothing, is counted, and keeps its Retry-After', async () => {
  const { grant, token } = await proxy.connect();
  proxy.upstream.behaviour = answerJson({ error: { message: 'slow down' } }, 429, { 'retry-after': '7' });
  expect((await proxy.chat(token)).headers.get('retry-after')).toBe('7');
  expect(await readLedger(grant.id)).toMatchObject([{ settlement: 'unbilled', counted: true, cost: 0n, status: 429 }]);
});

describe('a stream', () => {
  const pieces = [
    'data: {"id":"1","choices":[{"delta":{"content":"Hi"}}],"usage":null}\n\n',
    'data: {"id":"1","choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}\n\n',
  ];
  const last = 'data: {"id":"1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}\n\n';
  const answerStream: Behaviour = (hit, response) => {
    const asked = hit.body.toString().includes('"include_usage":true');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = asked ? [...pieces, last] : pieces;
    // Cut in the middle of events, as networks do.
    for (const half of [...events, 'data: [DONE]\n\n'].flatMap((event) => [event.slice(0, 40), event.slice(40)]))
      response.write(half);
    response.end();
  };

  it('3.6: is metered although the client did not ask for usage, which is hidden from it', async () => {
    proxy.upstream.behaviour = answerStream;
    const { grant, token } = await proxy.connect();
    const text = await (await proxy.chat(token, { stream: true })).text();
    expect(JSON.parse(proxy.upstream.last.body.toString())).toMatchObject({ stream_options: { include_usage: true } });
    expect(text).toBe([...pieces.map((piece) => piece.replace(',"usage":null', '')), 'data: [DONE]\n\n'].join(''));
    expect(await readLedger(grant.id)).toMatchObject([{ settlement: 'reported', cost: costOf(9, 3) }]);
  });

  it('shows its usage to a client that asked', async () => {
    proxy.upstream.behaviour = answerStream;
    const { grant, token } = await proxy.connect();
    const text = await (await proxy.chat(token, { stream: true, stream_options: { include_usage: true } })).text();
    expect(text).toBe([...pieces, last, 'data: [DONE]\n\n'].join(''));
    expect(await readLedger(grant.id)).toMatchObject([{ settlement: 'reported', cost: costOf(9, 3) }]);
  });

  it('3.6: that does not end soon after its client has left is charged for its output so far', async () => {
    proxy.upstream.behaviour = streamForever(5);
    const { grant, token } = await proxy.connect();
    const leaving = new AbortController();
    const answer = await proxy.chat(token, { stream: true, max_tokens: 50 }, { signal: leaving.signal });
    await answer.body?.getReader().read();
    leaving.abort();
    const [row] = await readLedger(grant.id);
    expect(row).toMatchObject({ settlement: 'produced' });
    expect(row?.cost).toBeGreaterThanOrEqual(costOf(10, 50));
  });

  it('counts as one of the parallel streams, on every replica, until it ends', async () => {
    proxy.upstream.behaviour = streamForever(5);
    const { token } = await proxy.connect(chatScope, { maxStreams: 1 });
    const leaving = new AbortController();
    await proxy.chat(token, { stream: true }, { signal: leaving.signal });
    const second = await proxy.chat(token, { stream: true }, { proxy: 1 });
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    leaving.abort();
    proxy.upstream.behaviour = answerStream;
    await waitUntil(
      async () => (await proxy.chat(token, { stream: true }, { proxy: 1 })).status === 200,
      'the stream has ended',
    );
  });
});

it('after these tests every counter equals the sums of the ledger', async () => {
  await waitUntil(async () => (await verifyLedger(proxy.database.db)).length === 0, 'the ledger agrees');
});

it('3.6: an impossible usage is not believed, and a grant with an extreme counter does not make requests of others fail', async () => {
  proxy.upstream.behaviour = withUsage(20, 10 ** 15);
  const poisoned = await proxy.connect();
  for (let n = 0; n < 3; n += 1) expect((await proxy.chat(poisoned.token, { max_tokens: 5 })).status).toBe(200);
  const ledger = await readLedger(poisoned.grant.id);
  expect(ledger.map(({ settlement }) => settlement)).toEqual(['doubted', 'doubted', 'doubted']);
  expect((await readUsage(poisoned.grant.id))?.spent).toBeLessThan(1_000_000_000n);
  expect(proxy.lines.some((line) => line.includes('usage_doubted'))).toBe(true);

  // as an earlier release may have left it
  await sql`update grants set spent = ${2n ** 63n - 1n}, held = 0 where id = ${poisoned.grant.id}`.execute(
    proxy.database.db,
  );
  const victim = await proxy.connect();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) => proxy.chat(n % 20 === 7 ? poisoned.token : victim.token, { max_tokens: 5 })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, (_, n) => (n % 20 === 7 ? 402 : 200)));
  await sql`update grants set spent = 0 where id = ${poisoned.grant.id}`.execute(proxy.database.db);
  await sql`delete from ledger where grant_id = ${poisoned.grant.id}`.execute(proxy.database.db);
  await sql`update grants set used_requests = 0, day_cost = 0, month_cost = 0 where id = ${poisoned.grant.id}`.execute(
    proxy.database.db,
  );
});
