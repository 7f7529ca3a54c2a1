import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { defaultLimits } from '../src/index.js';
import { watchBodyRate } from '../src/reading/watch-body-rate.js';
import { chat, chatPath, TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start({ limits: { bodyRateWindowMilliseconds: 300, minBodyBytesPerSecond: 1_000 } });
  ({ token } = await proxy.connect('model:gpt-4o-mini model:whisper-1 cap:chat cap:audio'));
});

afterAll(() => proxy?.stop());

/** Sends the head at once and the body a few bytes at a time. */
async function drip(
  head: string,
  drop: string,
  everyMilliseconds: number,
): Promise<{ text: string; milliseconds: number }> {
  const startedAt = performance.now();
  const socket: Socket = connect(proxy.port, '127.0.0.1');
  socket.write(head);
  const timer = setInterval(() => socket.write(drop), everyMilliseconds);
  let text = '';
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      resolve();
    });
    socket.on('close', () => resolve());
  });
  clearInterval(timer);
  socket.destroy();
  return { text, milliseconds: performance.now() - startedAt };
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.7: a body that arrives a few bytes at a time is refused with 408, and others are answered as usual', async () => {
  const head = (path: string, type: string) =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: ${type}\r\ncontent-length: 100000\r\n\r\n`;
  const slow = [
    ...Array.from({ length: 200 }, () => drip(head(chatPath, 'application/json'), ' ', 50)),
    drip(`${head('/openai/v1/audio/transcriptions', 'multipart/form-data; boundary=b')}--b\r\n`, 'x', 50),
  ];
  const hits = proxy.upstream.hits.length;
  const delays: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const startedAt = performance.now();
    expect((await proxy.chat(token)).status).toBe(200);
    delays.push(performance.now() - startedAt);
  }
  for (const { text, milliseconds } of await Promise.all(slow)) {
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(milliseconds).toBeLessThan(10_000);
  }
  expect(delays.toSorted((a, b) => a - b)[10]).toBeLessThan(2_000);
  expect(proxy.upstream.hits).toHaveLength(hits + 20);
});

it('3.7: headers that arrive a few bytes at a time on 500 connections are refused with 408, and others are answered as usual', async () => {
  const hits = proxy.upstream.hits.length;
  const slow = Array.from({ length: 500 }, () => drip(`POST ${chatPath} HTTP/1.1\r\nhost: x\r\n`, 'x', 500));
  for (let index = 0; index < 20; index += 1) expect((await proxy.chat(token)).status).toBe(200);
  for (const { text, milliseconds } of await Promise.all(slow)) {
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(milliseconds).toBeLessThan(30_000);
  }
  expect(proxy.upstream.hits).toHaveLength(hits + 20);
}, 60_000);

it('a large body that arrives at a sufficient rate is accepted', async () => {
  const body = JSON.stringify({ ...chat, messages: [{ role: 'user', content: 'x'.repeat(30_000) }] });
  const socket = connect(proxy.port, '127.0.0.1');
  socket.write(
    `POST ${chatPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  for (let at = 0; at < body.length; at += 2_000) {
    socket.write(body.slice(at, at + 2_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const text = await new Promise<string>((resolve) => socket.setEncoding('latin1').once('data', resolve));
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});

it('if the process was blocked, the bytes that a client has sent are read before the client can count as slow', async () => {
  const limits = { ...defaultLimits, bodyRateWindowMilliseconds: 100, minBodyBytesPerSecond: 1_000 };
  let isTooSlow = false;
  const watching = Promise.withResolvers<() => void>();
  const server = createServer((request) => {
    const stop = watchBodyRate(request, limits, () => {
      isTooSlow = true;
    });
    watching.resolve(stop);
    request.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n');
  const stop = await watching.promise;
  socket.write('x'.repeat(1_000));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
  await nextTurn();
  await nextTurn();
  expect(isTooSlow).toBe(false);
  stop();
  socket.destroy();
  server.close();
});

it('3.7: 500 open streams hold no connection of the database', async () => {
  const hits = proxy.upstream.hits.length;
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: x\n\n');
  };
  const streams = await Promise.all(Array.from({ length: 500 }, () => proxy.chat(token, { stream: true })));
  const startedAt = performance.now();
  expect((await proxy.chat(token, { model: 'gpt-4o' })).status).toBe(403);
  streams.push(await proxy.chat(token, { stream: true }));
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(proxy.upstream.hits).toHaveLength(hits + 501);
  for (const stream of streams) await stream.body?.cancel();
});
