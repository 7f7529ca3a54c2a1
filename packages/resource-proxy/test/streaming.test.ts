import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { revokeGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { mp3Of } from './support/recording.js';
import { answerJson, streamForever } from './support/recording-upstream.js';
import { chat, chatPath, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2, limits: { maxDrainMilliseconds: 200 } });
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

interface Watched {
  readonly begun: Promise<void>;
  /** Whether the answer ended normally, its text, and when it ended. */
  readonly ended: Promise<{ readonly clean: boolean; readonly text: string; readonly at: number }>;
}

function watch(response: Response): Watched {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  let text = '';
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const read = async () => {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        begin();
        if (done) return { clean: true, text, at: performance.now() };
        text += decoder.decode(value, { stream: true });
      }
    } catch {
      return { clean: false, text, at: performance.now() };
    }
  };
  return { begun, ended: read() };
}

const revoke = (grantId: string) => revokeGrant(proxy.database.db, { grantId, reason: 'owner', revokedBy: 'owner' });
const lastReason = () =>
  proxy.lines
    .filter((line) => line.includes('"event":"proxied_request"'))
    .map((line) => (JSON.parse(line) as { reason: string }).reason)
    .at(-1);

it('passes each chunk on at once', async () => {
  const { token } = await proxy.connect();
  let send: (chunk: string) => void = () => undefined;
  let end = () => {};
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    send = (chunk) => response.write(chunk);
    end = () => response.end('data: [DONE]\n\n');
  };
  const reader = (await proxy.chat(token, { stream: true })).body?.getReader();
  for (let index = 0; index < 20; index += 1) {
    const chunk = `data: {"n":${index}}\n\n`;
    send(chunk);
    // The next chunk is sent only after this one has arrived. If the proxy held a part of it back, the test would hang.
    for (let text = ''; text !== chunk; ) {
      const part = await reader?.read();
      text += Buffer.from(part?.value ?? []).toString();
      expect(chunk.startsWith(text) && part?.done === false).toBe(true);
    }
  }
  end();
  expect(await drain(reader)).toBe('data: [DONE]\n\n');
});

it('the headers of a stream arrive before its first event', async () => {
  const { token } = await proxy.connect();
  let end = () => {};
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    end = () => response.end('data: x\n\n');
  };
  const response = await proxy.chat(token, { stream: true });
  end();
  expect(await response.text()).toBe('data: x\n\n');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('F16: when a client leaves in the middle of a stream, the upstream request ends within a bounded time', async () => {
  const { token } = await proxy.connect();
  proxy.upstream.behaviour = streamForever(5);
  const leaving = new AbortController();
  const response = await proxy.chat(token, { stream: true }, { signal: leaving.signal });
  const watched = watch(response);
  await watched.begun;
  const open = proxy.upstream.open.size;
  leaving.abort();
  await waitUntil(() => proxy.upstream.open.size === open - 1, 'the connection to the upstream was closed');
  await waitUntil(() => lastReason() === 'client_left', 'it is logged');
});

it('F16: when a client leaves before the answer begins, the upstream request ends within a bounded time, and the request stays counted', async () => {
  const { grant, token } = await proxy.connect();
  proxy.upstream.behaviour = () => undefined;
  const leaving = new AbortController();
  const answer = proxy.chat(token, {}, { signal: leaving.signal }).catch(() => undefined);
  await waitUntil(() => proxy.upstream.hits.length === 1, 'it reached the upstream');
  const open = proxy.upstream.open.size;
  leaving.abort();
  await answer;
  await waitUntil(() => proxy.upstream.open.size === open - 1, 'the connection to the upstream was closed');
  expect(await proxy.readUsedRequests(grant.id)).toBe(1);
});

it('F15: when an upstream breaks off, the client gets an error, and never a clean end', async () => {
  const { token } = await proxy.connect();
  const breakings: [string, () => void][] = [
    [
      'a stream',
      () =>
        (proxy.upstream.behaviour = (_hit, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('data: {"n":1}\n\n');
          setTimeout(() => response.destroy(), 20);
        }),
    ],
    [
      'a JSON answer',
      () =>
        (proxy.upstream.behaviour = (_hit, response) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.write('{"a":');
          setTimeout(() => response.destroy(), 20);
        }),
    ],
    [
      'an answer shorter than its length',
      () =>
        (proxy.upstream.behaviour = (_hit, response) => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
          response.write('{"a":1}');
          setTimeout(() => response.destroy(), 20);
        }),
    ],
  ];
  for (const [name, arrange] of breakings) {
    arrange();
    const { clean, text } = await watch(await proxy.chat(token, { stream: true })).ended;
    expect([name, clean]).toEqual([name, false]);
    if (name === 'a stream') expect(text).toContain('"code":"upstream_unavailable"');
  }
});

it('F15: when an upstream closes the connection without an answer, the answer is 502, and the request is counted', async () => {
  const { grant, token } = await proxy.connect();
  proxy.upstream.behaviour = (_hit, response) => response.destroy();
  expect((await proxy.chat(token)).status).toBe(502);
  proxy.upstream.behaviour = (_hit, response) => response.socket?.end('nonsense\r\n\r\n');
  expect((await proxy.chat(token)).status).toBe(502);
  proxy.upstream.behaviour = answerJson({}, 200, { 'content-encoding': 'gzip' });
  expect((await proxy.chat(token)).status).toBe(502);
  expect(await proxy.readUsedRequests(grant.id)).toBe(3);
});

it('F15: a request whose upstream cannot be reached gets 502, and is not counted', async () => {
  const away = await TestProxy.start({ upstreamUrl: 'http://127.0.0.1:1' });
  try {
    const { grant, token } = await away.connect('model:gpt-4o-mini model:whisper-1 cap:chat cap:audio');
    const answer = await away.chat(token);
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain('was not counted');
    const isGivenBack = async () => (await away.readUsedRequests(grant.id)) === 0;
    await waitUntil(isGivenBack, 'the count was given back');
    const form = new FormData();
    form.set('model', 'whisper-1');
    form.set('file', new Blob([mp3Of(3)]), 'a.wav');
    const upload = await fetch(`${away.url}/openai/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
    expect(upload.status).toBe(502);
    await waitUntil(isGivenBack, 'the count was given back');
  } finally {
    await away.stop();
  }
});

it('F15: if an upstream sends nothing, the client gets 504 before the answer begins, and an error in the stream afterwards', async () => {
  const hasty = await TestProxy.start({ limits: { answerTimeoutMilliseconds: 200 } });
  try {
    hasty.upstream.behaviour = () => undefined;
    expect((await hasty.chat((await hasty.connect()).token)).status).toBe(504);
  } finally {
    await hasty.stop();
  }
  const impatient = await TestProxy.start({ limits: { idleTimeoutMilliseconds: 200 } });
  try {
    const { token } = await impatient.connect();
    impatient.upstream.behaviour = (_hit, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"n":1}\n\n');
    };
    const { clean, text } = await watch(await impatient.chat(token, { stream: true })).ended;
    expect([clean, text.includes('"code":"upstream_timeout"')]).toEqual([false, true]);
    await waitUntil(() => impatient.upstream.open.size === 0, 'the connection to the upstream was closed');
  } finally {
    await impatient.stop();
  }
});

it('3.6, 3.7: an endless slow stream ends at the time limit', async () => {
  const bounded = await TestProxy.start({ limits: { maxExchangeMilliseconds: 2_000 } });
  try {
    const { token } = await bounded.connect();
    bounded.upstream.behaviour = streamForever(20);
    const { clean, text } = await watch(await bounded.chat(token, { stream: true })).ended;
    expect([clean, text.includes('upstream_timeout')]).toEqual([false, true]);
    await waitUntil(() => bounded.upstream.open.size === 0, 'the connection to the upstream was closed');
  } finally {
    await bounded.stop();
  }
});

it('a revocation cuts streams at every proxy, in the median within 100 ms, sends their clients an error, and ends the upstream requests', async () => {
  proxy.upstream.behaviour = streamForever(5);
  const delays: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { grant, token } = await proxy.connect();
    const streams = await Promise.all(
      [0, 1].map(async (index) => watch(await proxy.chat(token, { stream: true }, { proxy: index }))),
    );
    await Promise.all(streams.map(({ begun }) => begun));
    await revoke(grant.id);
    const revokedAt = performance.now();
    for (const { ended } of streams) {
      const { at, clean, text } = await ended;
      delays.push(at - revokedAt);
      expect(clean).toBe(false);
      expect(text).toContain('"code":"invalid_token"');
    }
  }
  const sorted = delays.toSorted((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(100);
  await waitUntil(() => proxy.upstream.open.size === 0, 'the connection to the upstream was closed');
});

it('a revocation does not cut the streams of other grants', async () => {
  proxy.upstream.behaviour = streamForever(5);
  const [kept, gone] = [await proxy.connect(), await proxy.connect()];
  const leaving = new AbortController();
  const keeping = watch(await proxy.chat(kept.token, { stream: true }, { signal: leaving.signal }));
  const going = watch(await proxy.chat(gone.token, { stream: true }));
  await Promise.all([keeping.begun, going.begun]);
  await revoke(gone.grant.id);
  await going.ended;
  expect(await Promise.race([keeping.ended, sleep(200, 'going on')])).toBe('going on');
  leaving.abort();
  await keeping.ended;
});

it('a revocation ends a forwarded request that has no answer yet with 401, and the next request is not forwarded', async () => {
  proxy.upstream.behaviour = () => undefined;
  const { grant, token } = await proxy.connect();
  const answer = proxy.chat(token, {}, { proxy: 1 });
  await waitUntil(() => proxy.upstream.hits.length === 1, 'it reached the upstream');
  await revoke(grant.id);
  expect((await answer).status).toBe(401);
  expect((await proxy.chat(token)).status).toBe(401);
  expect(proxy.upstream.hits.length).toBe(1);
});

it('S9: the next request under a revoked, expired or deleted grant is refused', async () => {
  const [revoked, gone] = [await proxy.connect(), await proxy.connect()];
  const expired = await proxy.createGrant({ expiresInMilliseconds: -1_000 });
  await revoke(revoked.grant.id);
  await proxy.database.db.deleteFrom('grants').where('id', '=', gone.grant.id).execute();
  for (const token of [revoked.token, gone.token, await proxy.createToken(expired)]) {
    expect((await proxy.chat(token)).status).toBe(401);
    for (const path of ['/v1/grant', '/openai/v1/models', '/google/v1beta/models/gemini-2.5-flash'])
      expect([
        path,
        (await fetch(`${proxy.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status,
      ]).toEqual([path, 401]);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('a stream ends when its grant expires', async () => {
  proxy.upstream.behaviour = streamForever(5);
  const { grant, token } = await proxy.connect();
  const { begun, ended } = watch(await proxy.chat(token, { stream: true }));
  await begun;
  await proxy.database.db.updateTable('grants').set({ expires_at: new Date() }).where('id', '=', grant.id).execute();
  expect((await ended).clean).toBe(false);
});

it('the ledger says why an answer was cut off, and nothing about an answer that was complete', async () => {
  const { db } = proxy.database;
  const readCutOff = async (grantId: string) => {
    const read = async () => {
      const { rows } = await sql<{ cut_off: string | null }>`
        select cut_off from ledger where grant_id = ${grantId}`.execute(db);
      return rows[0];
    };
    await waitUntil(async () => (await read()) !== undefined, 'the request is settled');
    return (await read())?.cut_off;
  };
  const cut = async (act: (grantId: string) => Promise<unknown>) => {
    const { grant, token } = await proxy.connect();
    const { begun, ended } = watch(await proxy.chat(token, { stream: true }));
    await begun;
    await act(grant.id);
    await ended;
    return readCutOff(grant.id);
  };
  proxy.upstream.behaviour = streamForever(5);
  expect(await cut(revoke)).toBe('grant_revoked');
  const expire = (id: string) =>
    db.updateTable('grants').set({ expires_at: new Date() }).where('id', '=', id).execute();
  expect(await cut(expire)).toBe('grant_ended');
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"word"}}]}\n\n', () => response.destroy());
  };
  expect(await cut(async () => undefined)).toBe('upstream_failed');
  proxy.upstream.reset();
  const { grant, token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(200);
  expect(await readCutOff(grant.id)).toBeNull();
});

it('3.7: for a client that does not read, the proxy uses little memory, and ends the upstream request', async () => {
  const strict = await TestProxy.start({ limits: { stalledClientMilliseconds: 500 } });
  try {
    const { token } = await strict.connect();
    let sentBytes = 0;
    strict.upstream.behaviour = (_hit, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = Buffer.alloc(65_536, 'x');
      const pump = () => {
        while (!response.destroyed && sentBytes < 1_000_000_000) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return response.once('drain', pump);
        }
        return response;
      };
      pump();
    };
    const before = process.memoryUsage().rss;
    const body = JSON.stringify({ ...chat, stream: true });
    const socket = connect(strict.port, '127.0.0.1', () => {
      socket.write(
        `POST ${chatPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      socket.pause();
    });
    socket.on('error', () => undefined);
    await waitUntil(() => sentBytes > 0, 'the stream has begun');
    await waitUntil(() => strict.upstream.open.size === 0, 'the connection to the upstream was closed');
    expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    socket.destroy();
  } finally {
    await strict.stop();
  }
});

it('3.2: an upstream connection is not used again after its answer was aborted', async () => {
  proxy.upstream.behaviour = (hit, response) => {
    const { nonce } = JSON.parse(
      (JSON.parse(hit.body.toString()) as { messages: [{ content: string }] }).messages[0].content,
    ) as { nonce: string };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let index = 0; index < 50; index += 1) response.write(`data: {"nonce":"${nonce}"}\n\n`);
    setTimeout(() => response.end(), 10);
  };
  const { token } = await proxy.connect();
  const one = async (index: number) => {
    const nonce = `n${index}`;
    const leaving = new AbortController();
    const response = await proxy.chat(
      token,
      { messages: [{ role: 'user', content: JSON.stringify({ nonce }) }] },
      { signal: leaving.signal },
    );
    const reader = response.body?.getReader();
    const first = Buffer.from((await reader?.read())?.value ?? []).toString();
    if (index % 2 === 0) leaving.abort();
    const rest = index % 2 === 0 ? '' : await drain(reader);
    expect(new Set([...`${first}${rest}`.matchAll(/"nonce":"(n\d+)"/g)].map(([, found]) => found))).toEqual(
      new Set([nonce]),
    );
  };
  for (let batch = 0; batch < 20; batch += 1)
    await Promise.all(Array.from({ length: 20 }, (_, index) => one(batch * 20 + index)));
}, 60_000);

async function drain(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<string> {
  let text = '';
  for (;;) {
    const part = await reader?.read();
    if (part?.done !== false) return text;
    text += Buffer.from(part.value).toString();
  }
}

it('F19: a stopping proxy lets answers end within a time limit, sends the other clients an error, and ends', async () => {
  const stopping = await TestProxy.start({ limits: { stopGraceMilliseconds: 2_000 } });
  const { grant, token } = await stopping.connect();
  let finish = () => {};
  stopping.upstream.behaviour = (hit, response) => {
    if (hit.body.includes('"stream":true')) return streamForever(10)(hit, response);
    finish = () => answerJson({ ok: true })(hit, response);
  };
  const stream = watch(await stopping.chat(token, { stream: true }));
  await stream.begun;
  const answer = stopping.chat(token);
  await waitUntil(() => stopping.upstream.hits.length === 2, 'both are under way');
  const startedAt = performance.now();
  const stopped = stopping.proxies[0]?.close();
  finish();
  expect((await answer).status).toBe(200);
  const { clean, text } = await stream.ended;
  expect([clean, text.includes('about to stop')]).toEqual([false, true]);
  await stopped;
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  expect(await stopping.readUsedRequests(grant.id)).toBe(2);
  await stopping.stop().catch(() => undefined);
});
