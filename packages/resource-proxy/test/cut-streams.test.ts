import { setTimeout as sleep } from 'node:timers/promises';
import { revokeGrant } from '@aipassport/store/authorization';
import { findGrantStatus } from '@aipassport/store/proxying';
import { waitForLocks } from '@aipassport/store/testing';
import { afterEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Behaviour } from './support/recording-upstream.js';
import { TestProxy, type TestProxyOptions } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

/** The output limit of a stream, and the much smaller number of tokens that it sends before it is cut. */
const maxTokens = 10_000;
const producedTokens = 60;
/** The output that may be in transit when a stream is cut: see `charge-produced.ts`. */
const unseenTokens = 256;

const opened: TestProxy[] = [];
afterEach(async () => {
  for (const proxy of opened.splice(0)) await proxy.stop().catch(() => undefined);
});

async function start(limits: TestProxyOptions['limits'] = {}): Promise<TestProxy> {
  const proxy = await TestProxy.start({ replicas: 2, limits: { maxDrains: 0, ...limits } });
  opened.push(proxy);
  return proxy;
}

interface Case {
  readonly path: string;
  readonly body: Record<string, unknown>;
  /** The text that is sent before the words; empty if the answer begins with the words. */
  readonly begins: string;
  readonly word: string;
  /** The prices of an input token and of an output token, in nano-dollars. */
  readonly prices: readonly [bigint, bigint];
}

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const messages = [{ role: 'user', content: 'Hello' }];

const chat: Case = {
  path: '/openai/v1/chat/completions',
  body: { model: 'gpt-4o-mini', stream: true, max_tokens: maxTokens, messages },
  begins: '',
  word: event({ choices: [{ index: 0, delta: { content: 'word ' } }], usage: null }),
  prices: [150n, 600n],
};
const shown: Case[] = [
  chat,
  { ...chat, body: { ...chat.body, stream_options: { include_usage: true } } },
  {
    path: '/openai/v1/responses',
    body: { model: 'gpt-4o-mini', stream: true, max_output_tokens: maxTokens, input: 'Hello' },
    begins: event({ type: 'response.output_item.added', item: { type: 'message', role: 'assistant', content: [] } }),
    word: event({ type: 'response.output_text.delta', delta: 'word ' }),
    prices: [150n, 600n],
  },
  {
    path: '/anthropic/v1/messages',
    body: { model: 'claude-haiku-4-5', stream: true, max_tokens: maxTokens, messages },
    begins:
      event({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }) +
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    word: event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'word ' } }),
    prices: [1_000n, 5_000n],
  },
  {
    path: '/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      generationConfig: { maxOutputTokens: maxTokens },
    },
    begins: '',
    word: event({
      candidates: [{ content: { role: 'model', parts: [{ text: 'word ' }] } }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 60, thoughtsTokenCount: 40, totalTokenCount: 109 },
    }),
    prices: [300n, 2_500n],
  },
];

/** Sends `producedTokens` words. Then the answer stays open, and nothing more is sent. */
function say({ begins, word }: Case): Behaviour {
  return (_hit, response) => {
    const isJson = begins.startsWith('{');
    response.writeHead(200, { 'content-type': isJson ? 'application/json' : 'text/event-stream' });
    response.write(begins + word.repeat(producedTokens));
  };
}

async function readRow(proxy: TestProxy, grantId: string) {
  const { db } = proxy.database;
  const isSettled = async () => (await findGrantStatus(db, grantId))?.usage.reserved === 0n;
  await waitUntil(isSettled, 'everything is settled');
  const { rows } = await sql<{ settlement: string; cost: bigint; estimate: bigint }>`
    select settlement, cost, estimate from ledger where grant_id = ${grantId}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('there is no row');
  return row;
}

/** Begins a stream, has it cut, and returns its charge. */
async function cut(proxy: TestProxy, one: Case, how: (grantId: string, leave: () => void) => unknown) {
  proxy.upstream.behaviour = say(one);
  const { grant, token } = await proxy.connect(
    'model:gpt-4o-mini model:gpt-5-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat',
  );
  const leaving = new AbortController();
  const answer = await proxy.post(one.path, one.body, token, { signal: leaving.signal });
  expect(answer.status).toBe(200);
  await answer.body?.getReader().read();
  await how(grant.id, () => leaving.abort());
  return readRow(proxy, grant.id);
}

const stop = (proxy: TestProxy) => () => proxy.proxies[0]?.close();

// The ids at the beginning of titles are rows of docs/security.md.
it('U2: a stream that a stopping proxy cuts is charged for its output so far, and not for its whole reservation', async () => {
  for (const one of shown) {
    const proxy = await start({ stopGraceMilliseconds: 0 });
    const row = await cut(proxy, one, stop(proxy));
    const [input, output] = one.prices;
    expect([one.path, row.settlement]).toEqual([one.path, 'produced']);
    // at least the largest possible bill: the words, and the output until the provider notices the closed connection
    expect(row.cost).toBeGreaterThanOrEqual(9n * input + BigInt(producedTokens + unseenTokens) * output);
    expect(row.cost * 5n).toBeLessThan(row.estimate);
  }
});

it('U2: a stream is charged for its output so far when a revocation, the grant’s end or the time limit cuts it, or its client leaves', async () => {
  const revoking = await start();
  const row = await cut(revoking, chat, (grantId) =>
    revokeGrant(revoking.database.db, { grantId, reason: 'owner', revokedBy: 'owner' }),
  );
  const leaving = await cut(revoking, chat, (_grantId, leave) => leave());
  const expiring = await cut(revoking, chat, (grantId) =>
    sql`update grants set expires_at = now() where id = ${grantId}`.execute(revoking.database.db),
  );
  const limited = await start({ maxExchangeMilliseconds: 500 });
  const late = await cut(limited, chat, () => undefined);
  for (const { settlement, cost, estimate } of [row, leaving, expiring, late]) {
    expect(settlement).toBe('produced');
    expect(cost).toBeGreaterThanOrEqual(9n * 150n + BigInt(producedTokens + unseenTokens) * 600n);
    expect(cost * 5n).toBeLessThan(estimate);
  }
});

it('U2: an answer that the proxy drains after its client has left is charged for its output so far when a stopping proxy cuts it', async () => {
  const proxy = await start({ maxDrains: 8, stopGraceMilliseconds: 0 });
  const row = await cut(proxy, chat, async (_grantId, leave) => {
    leave();
    await sleep(100);
    await proxy.proxies[0]?.close();
  });
  expect(row.settlement).toBe('produced');
  expect(row.cost * 5n).toBeLessThan(row.estimate);
});

it('U3: unseen output is charged by the time in which the model may have written it, and costs less than the reservation', async () => {
  const thinking = {
    ...(shown[3] as Case),
    begins:
      event({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }) +
      event({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } }) +
      event({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } }),
  };
  const longest = { max_tokens: 16_000 };
  const unseen: Case[] = [
    { ...chat, body: { ...chat.body, ...longest, model: 'gpt-5-mini' }, prices: [250n, 2_000n] },
    { ...thinking, body: { ...thinking.body, ...longest } },
    // the text of an answer that is not a stream can be read only when the answer is complete
    { ...chat, body: { ...chat.body, ...longest, stream: false }, begins: '{"choices":[' },
  ];
  for (const one of unseen) {
    const proxy = await start({ stopGraceMilliseconds: 0 });
    const { settlement, cost, estimate } = await cut(proxy, one, async () => {
      await sleep(1_000);
      await proxy.proxies[0]?.close();
    });
    expect(settlement).toBe('produced');
    // one second of hidden output at the speed that no model exceeds, and the output that may have been in transit
    expect(cost).toBeGreaterThanOrEqual(1_280n * one.prices[1]);
    expect(cost).toBeLessThan(estimate);
  }
});

it('U3: output that is buffered for a client that does not read is charged by time, too', async () => {
  const proxy = await start({ stopGraceMilliseconds: 0 });
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chat.word.repeat(200_000));
  };
  const { grant, token } = await proxy.connect();
  const answer = await proxy.post(chat.path, { ...chat.body, max_tokens: 16_000 }, token);
  await sleep(500);
  await proxy.proxies[0]?.close();
  await answer.text().catch(() => undefined);
  const { settlement, cost } = await readRow(proxy, grant.id);
  expect(settlement).toBe('produced');
  expect(cost).toBeGreaterThanOrEqual(768n * 600n);
});

it('U2: if a stream is cut after a silence, the charge includes the output that a model can write in that time', async () => {
  const proxy = await start({ stopGraceMilliseconds: 0 });
  const row = await cut(proxy, chat, async () => {
    await sleep(1_500);
    await proxy.proxies[0]?.close();
  });
  expect(row.cost).toBeGreaterThanOrEqual(9n * 150n + BigInt(producedTokens + unseenTokens + 380) * 600n);
  expect(row.cost * 3n).toBeLessThan(row.estimate);
});

it('U3: an error that the vendor does not bill costs nothing, even if it is cut', async () => {
  const proxy = await start({ stopGraceMilliseconds: 0 });
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(429, { 'content-type': 'application/json' }).write('{"error":');
  };
  const { grant, token } = await proxy.connect();
  const answer = proxy.chat(token);
  await waitUntil(() => proxy.upstream.hits.length === 1, 'it reached the upstream');
  await sleep(200);
  await proxy.proxies[0]?.close();
  await answer.catch(() => undefined);
  expect(await readRow(proxy, grant.id)).toMatchObject({ settlement: 'unbilled', cost: 0n });
});

it('U2: a request that a slow database admits while the server stops is not sent, and costs nothing', async () => {
  const proxy = await start({ stopGraceMilliseconds: 0 });
  const { db } = proxy.database;
  const { grant, token } = await proxy.connect();
  const locked = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const holding = db.transaction().execute(async (transaction) => {
    await sql`select from grants where id = ${grant.id} for update`.execute(transaction);
    locked.resolve();
    await free.promise;
  });
  await locked.promise;
  const answer = proxy.chat(token).catch(() => undefined);
  await waitForLocks(db, 1);
  const closing = proxy.proxies[0]?.close();
  await sleep(1_000);
  free.resolve();
  await Promise.all([holding, closing, answer]);
  const isDone = async () => {
    const { rows } = await sql`select from ledger where grant_id = ${grant.id}`.execute(db);
    return rows.length > 0;
  };
  await waitUntil(isDone, 'it is settled');
  expect(proxy.upstream.hits).toEqual([]);
  expect(await readRow(proxy, grant.id)).toMatchObject({ settlement: 'released', cost: 0n });
});
