import { revokeGrant } from '@aipassport/store/authorization';
import { findGrantStatus } from '@aipassport/store/proxying';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson, type Behaviour, streamForever } from './support/recording-upstream.js';
import { chatScope, TestProxy, type TestProxyOptions } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  // The poll for revocations is so rare here that only a notification can end the requests of a revoked grant in time.
  proxy = await TestProxy.start({ replicas: 2, limits: { revocationPollMilliseconds: 600_000 } });
});
beforeEach(() => proxy.upstream.reset());
afterAll(() => proxy.stop());

/** The price of gpt-4o-mini: $0.15 for a million input tokens, $0.60 for a million output tokens. */
const costOf = (prompt: number, completion: number) => BigInt(prompt * 150 + completion * 600);
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const word = 'data: {"choices":[{"delta":{"content":"word "}}]}\n\n';

/** A stream that sends one word at a time, and its usage at the end. */
function streamWords(count: number, everyMilliseconds: number): Behaviour {
  return (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let said = 0;
    const timer = setInterval(() => {
      said += 1;
      if (said <= count) return response.write(word);
      clearInterval(timer);
      return response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    }, everyMilliseconds);
    response.on('close', () => clearInterval(timer));
  };
}

/** Opens a stream, reads its beginning, and leaves. */
async function leave(token: string, at = proxy, replica = 0): Promise<void> {
  const leaving = new AbortController();
  const options = { signal: leaving.signal, proxy: replica };
  const answer = await at.chat(token, { stream: true, max_tokens: 50 }, options);
  await answer.body?.getReader().read();
  leaving.abort();
}

async function readLedger(grantId: string, at = proxy): Promise<Record<string, unknown>[]> {
  const { db } = at.database;
  const isSettled = async () => (await findGrantStatus(db, grantId))?.usage.reserved === 0n;
  await waitUntil(isSettled, 'everything is settled');
  const { rows } = await sql<Record<string, unknown>>`
    select settlement, cost, status from ledger where grant_id = ${grantId} order by admitted_at`.execute(db);
  return rows;
}

async function withProxy(options: TestProxyOptions, work: (own: TestProxy) => Promise<void>): Promise<void> {
  const own = await TestProxy.start(options);
  try {
    await work(own);
  } finally {
    await own.stop();
  }
}

// The ids at the beginning of titles are rows of docs/security.md.
it('F16, 3.6: when a client leaves during a stream, the request is charged what the AI provider reports at the end', async () => {
  proxy.upstream.behaviour = streamWords(30, 10);
  const { grant, token } = await proxy.connect();
  await leave(token);
  expect(await readLedger(grant.id)).toEqual([{ settlement: 'reported', cost: costOf(9, 3), status: 200 }]);
  const ending = proxy.lines.findLast((line) => line.includes('"event":"proxied_request"'));
  expect(JSON.parse(ending ?? '')).toMatchObject({ reason: 'client_left' });
});

it('F16, 3.6: when a client leaves before the answer, the request is charged what the answer reports, and nothing for an error', async () => {
  const message = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }], usage };
  const late =
    (behaviour: Behaviour): Behaviour =>
    (hit, response) =>
      void setTimeout(() => behaviour(hit, response), 300);
  const { grant, token } = await proxy.connect();
  for (const answer of [answerJson(message), answerJson({ error: { message: 'slow down' } }, 429)]) {
    proxy.upstream.behaviour = late(answer);
    const leaving = new AbortController();
    const hits = proxy.upstream.hits.length;
    const asked = proxy.chat(token, { max_tokens: 50 }, { signal: leaving.signal }).catch(() => undefined);
    await waitUntil(() => proxy.upstream.hits.length > hits, 'the request has reached the upstream');
    leaving.abort();
    await asked;
    await readLedger(grant.id);
  }
  expect(await readLedger(grant.id)).toEqual([
    { settlement: 'reported', cost: costOf(9, 3), status: 200 },
    { settlement: 'unbilled', cost: 0n, status: 429 },
  ]);
});

it('3.6, 3.7: an answer whose client has left is read only up to a byte limit, and then charged for its output so far', async () => {
  await withProxy({ limits: { maxDrainBytes: 1_000 } }, async (own) => {
    own.upstream.behaviour = streamForever(2);
    const { grant, token } = await own.connect();
    await leave(token, own);
    await waitUntil(() => own.upstream.open.size === 0, 'the connection to the upstream was closed');
    const [row] = await readLedger(grant.id, own);
    expect(row).toMatchObject({ settlement: 'produced' });
    expect(row?.['cost']).toBeGreaterThanOrEqual(costOf(10, 50));
  });
});

it('3.6, 3.7: if a client opens and leaves streams repeatedly, only a few of its answers are still read, so that those of other clients can be read too', async () => {
  await withProxy({ limits: { maxDrains: 3, maxDrainsPerGrant: 2 } }, async (own) => {
    own.upstream.behaviour = streamForever(5);
    const [one, other] = [await own.connect(), await own.connect()];
    for (let count = 0; count < 5; count += 1) await leave(one.token, own);
    await waitUntil(() => own.upstream.open.size === 2, 'only two answers are still read');
    for (let count = 0; count < 3; count += 1) await leave(other.token, own);
    await waitUntil(() => own.upstream.open.size === 3, 'another grant has the third place');
    const readSettlements = async () =>
      (
        await sql<{ settlement: string }>`
          select settlement from ledger where grant_id = ${one.grant.id}`.execute(own.database.db)
      ).rows;
    await waitUntil(
      async () => (await readSettlements()).length >= 3,
      'the three requests whose connection was closed are settled',
    );
    expect(await readSettlements()).toEqual(Array(3).fill({ settlement: 'produced' }));
  });
});

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const chatSoFar = (tokens: number): string =>
  event({ choices: [{ delta: { content: 'word ' } }], usage: { prompt_tokens: 9, completion_tokens: tokens } });
const messageSoFar = (tokens: number): string =>
  (tokens === 1 ? event({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }) : '') +
  event({ type: 'message_delta', delta: {}, usage: { output_tokens: tokens } });

/** A stream that reports its usage so far with every event. It ends when the proxy closes it, or after some events. */
function streamUsage(soFar: (tokens: number) => string, breaksOffAfter = Number.POSITIVE_INFINITY): Behaviour {
  return (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let tokens = 0;
    const timer = setInterval(() => {
      tokens += 1;
      if (tokens > breaksOffAfter) response.destroy();
      else response.write(soFar(tokens));
    }, 5);
    response.on('close', () => clearInterval(timer));
  };
}

it('3.6: a stream that ends early is not charged the usage that it has reported so far, because the bill may be higher', async () => {
  await withProxy({ limits: { maxDrains: 0 } }, async (own) => {
    const { grant, token } = await own.connect();
    const chat = { model: 'gpt-4o-mini', stream: true, max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] };
    const cases = [
      { path: '/openai/v1/chat/completions', body: chat, soFar: chatSoFar },
      {
        path: '/openai/v1/chat/completions',
        body: { ...chat, stream_options: { include_usage: true } },
        soFar: chatSoFar,
      },
      { path: '/anthropic/v1/messages', body: { ...chat, model: 'claude-haiku-4-5' }, soFar: messageSoFar },
    ];
    for (const { path, body, soFar } of cases) {
      own.upstream.behaviour = streamUsage(soFar);
      const leaving = new AbortController();
      const answer = await own.post(path, body, token, { signal: leaving.signal });
      await answer.body?.getReader().read();
      leaving.abort();
      await readLedger(grant.id, own);
      own.upstream.behaviour = streamUsage(soFar, 3);
      await (await own.post(path, body, token)).text().catch(() => undefined);
    }
    const rows = await readLedger(grant.id, own);
    expect(rows.map(({ settlement }) => settlement)).toEqual(Array(6).fill('produced'));
    for (const [index, { cost }] of rows.entries())
      expect(cost).toBeGreaterThanOrEqual(index % 2 === 0 ? costOf(9, 50) : costOf(9, 3));
  });
});

it('3.6: when a client leaves as a stream ends, the request is charged the reported usage', async () => {
  await withProxy({ limits: { maxDrains: 0 } }, async (own) => {
    own.upstream.behaviour = (_hit, response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`${word}${event({ choices: [], usage })}data: [DONE]\n\n`);
    const { grant, token } = await own.connect();
    await leave(token, own);
    expect(await readLedger(grant.id, own)).toEqual([{ settlement: 'reported', cost: costOf(9, 3), status: 200 }]);
  });
});

it('a revocation ends the reading of an answer whose client has left', async () => {
  proxy.upstream.behaviour = streamForever(5);
  const { grant, token } = await proxy.connect();
  await leave(token);
  expect(proxy.upstream.open.size).toBe(1);
  await revokeGrant(proxy.database.db, { grantId: grant.id, reason: 'owner', revokedBy: 'owner' });
  await waitUntil(() => proxy.upstream.open.size === 0, 'the connection to the upstream was closed');
  expect(await readLedger(grant.id)).toMatchObject([{ settlement: 'produced' }]);
});

it('a stream whose client has left counts as one of the parallel streams until it has been read to its end', async () => {
  let end = () => {};
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(word);
    end = () => response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
  };
  const { token } = await proxy.connect(chatScope, { maxStreams: 1 });
  await leave(token);
  expect((await proxy.chat(token, { stream: true }, { proxy: 1 })).status).toBe(429);
  proxy.upstream.behaviour = streamWords(1, 1);
  end();
  await waitUntil(
    async () => (await proxy.chat(token, { stream: true }, { proxy: 1 })).status === 200,
    'the stream has been read',
  );
});

it('F19: a stop does not wait for answers whose clients have left, and records their charges', async () => {
  const own = await TestProxy.start({ limits: { stopGraceMilliseconds: 60_000, maxDrainMilliseconds: 60_000 } });
  try {
    own.upstream.behaviour = streamForever(5);
    const { grant, token } = await own.connect();
    await leave(token, own);
    await waitUntil(() => own.upstream.open.size === 1, 'the answer is still read');
    const stoppedAt = performance.now();
    for (const running of own.proxies) await running.close();
    expect(performance.now() - stoppedAt).toBeLessThan(30_000);
    const { rows } = await sql<{ settlement: string }>`
      select settlement from ledger where grant_id = ${grant.id}`.execute(own.database.db);
    expect(rows).toEqual([{ settlement: 'produced' }]);
  } finally {
    await own.stop().catch(() => undefined);
  }
});
