import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Denied } from '../src/denials/denial.js';
import { BodyMemory } from '../src/reading/body-memory.js';
import { answerJson } from './support/recording-upstream.js';
import { chatPath, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const kilobyte = 1_000;
/** Each byte of a body counts twice: in the body as received, and in the body as it will be sent. */
const bodyMemory = {
  totalBytes: 2_000 * kilobyte,
  perAccountBytes: 1_600 * kilobyte,
  perGrantBytes: 1_000 * kilobyte,
  reserveBytes: 200 * kilobyte,
  smallBytes: 100 * kilobyte,
};

let proxy: TestProxy;
let sockets: Socket[] = [];

beforeEach(async () => {
  proxy = await TestProxy.start({ limits: { bodyMemory, bodyRateWindowMilliseconds: 15_000 } });
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await proxy?.stop();
});

/** Sends this many bytes of an unfinished body and keeps the connection open. @returns a reader of the answer so far */
async function hold(token: string, bytes: number): Promise<() => string> {
  const socket = connect(proxy.port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('error', () => undefined);
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
  });
  socket.write(
    `POST ${chatPath} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 2000000\r\n\r\n`,
  );
  await new Promise<void>((resolve) => {
    socket.write(Buffer.alloc(bytes, ' '), () => resolve());
  });
  // When several later requests have been answered, the grant has been looked up and the sent bytes have been read.
  for (let round = 0; round < 10; round += 1)
    await fetch(`${proxy.url}/openai/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  return () => text;
}

const ask = (token: string, bytes: number) =>
  proxy.chat(token, { messages: [{ role: 'user', content: 'x'.repeat(bytes) }] });

async function untilStatus(token: string, bytes: number, status: number): Promise<Response> {
  let answer: Response | undefined;
  await waitUntil(async () => {
    answer = await ask(token, bytes);
    return answer.status === status;
  }, `it is ${status}`);
  if (answer === undefined) throw new Error('it was not asked');
  return answer;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('X1: a body that exceeds its grant’s share of the memory for bodies is refused with 429, and other grants are served', async () => {
  const { grant, token } = await proxy.connect();
  const other = await proxy.createToken(await proxy.createGrant({ accountId: grant.accountId }));
  await hold(token, 400 * kilobyte);
  const refused = await untilStatus(token, 200 * kilobyte, 429);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({
    error: { code: 'rate_limited', message: expect.stringContaining('grant') },
  });
  expect((await ask(token, 20 * kilobyte)).status).toBe(200);
  expect((await ask(other, 200 * kilobyte)).status).toBe(200);
});

it('X1: a body that exceeds its account’s share of the memory for bodies is refused with 429, and other accounts are served', async () => {
  const { grant, token } = await proxy.connect();
  const { accountId } = grant;
  const mates = await Promise.all([1, 2, 3].map(async () => proxy.createToken(await proxy.createGrant({ accountId }))));
  await hold(token, 380 * kilobyte);
  await hold(mates[0] ?? '', 380 * kilobyte);
  const refused = await untilStatus(mates[1] ?? '', 200 * kilobyte, 429);
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining('account') } });
  const { token: stranger } = await proxy.connect();
  expect((await ask(stranger, 40 * kilobyte)).status).toBe(200);
});

it('X1: when large bodies of many accounts fill the memory for bodies, small bodies still have room', async () => {
  for (let index = 0; index < 3; index += 1) await hold((await proxy.connect()).token, 290 * kilobyte);
  const { token } = await proxy.connect();
  const refused = await untilStatus(token, 200 * kilobyte, 503);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect((await ask(token, 20 * kilobyte)).status).toBe(200);
});

it('the memory of a body is released once the body is sent, however long its answer takes', async () => {
  const { token } = await proxy.connect();
  const finish: (() => void)[] = [];
  proxy.upstream.behaviour = (hit, response) => finish.push(() => answerJson({ ok: true })(hit, response));
  const asked: Promise<Response>[] = [];
  for (let index = 1; index <= 5; index += 1) {
    asked.push(ask(token, 450 * kilobyte));
    await waitUntil(() => finish.length === index, 'it was sent');
  }
  for (const each of finish) each();
  for (const answer of await Promise.all(asked)) expect(answer.status).toBe(200);
});

it('3.7: a large body must arrive faster than a small one: a few bytes now and then are not enough', async () => {
  await proxy.stop();
  proxy = await TestProxy.start({ limits: { bodyMemory, bodyRateWindowMilliseconds: 1_000 } });
  const { token } = await proxy.connect();
  const readAnswer = await hold(token, 300 * kilobyte);
  const timer = setInterval(() => sockets[0]?.write(' '.repeat(500)), 100);
  await waitUntil(() => readAnswer() !== '', 'it is given up');
  clearInterval(timer);
  expect(readAnswer()).toMatch(/^HTTP\/1\.1 408 /);
  expect((await ask(token, 200 * kilobyte)).status).toBe(200);
});

it('a body that is announced and never sent takes none of the memory for bodies', async () => {
  const { token } = await proxy.connect();
  const before = process.memoryUsage().rss;
  await Promise.all(Array.from({ length: 200 }, () => hold(token, 1)));
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  expect((await ask(token, 300 * kilobyte)).status).toBe(200);
});

it('memory above a limit is refused, the sum equals the memory that was taken, and it is zero when all is released', () => {
  const memory = new BodyMemory({
    ...bodyMemory,
    totalBytes: 100,
    perAccountBytes: 60,
    perGrantBytes: 40,
    reserveBytes: 10,
    smallBytes: 5,
  });
  const a = memory.open({ accountId: 'A', grantId: 'a' });
  const b = memory.open({ accountId: 'A', grantId: 'b' });
  const c = memory.open({ accountId: 'C', grantId: 'c' });
  const d = memory.open({ accountId: 'D', grantId: 'd' });
  const refusalOf = (take: () => void) => {
    try {
      take();
      return undefined;
    } catch (error) {
      return error instanceof Denied ? error.denial : error;
    }
  };
  a.take(40);
  expect(refusalOf(() => a.take(1))).toEqual({ reason: 'body_share_exceeded', of: 'grant' });
  b.take(20);
  expect(refusalOf(() => b.take(1))).toEqual({ reason: 'body_share_exceeded', of: 'account' });
  c.take(30);
  expect(refusalOf(() => c.take(1))).toEqual({ reason: 'overloaded' });
  d.take(5);
  expect(refusalOf(() => d.take(1))).toEqual({ reason: 'overloaded' });
  expect(memory.takenBytes).toBe(95);
  a.keep(50);
  a.keep(10);
  expect(memory.takenBytes).toBe(65);
  for (const each of [a, b, c, d, a, b]) each.close();
  expect(memory.takenBytes).toBe(0);
  expect(refusalOf(() => a.take(40))).toBeUndefined();
});
