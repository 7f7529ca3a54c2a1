import { connect } from 'node:net';
import { revokeGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sendRaw } from './support/send-raw.js';
import { TcpFront } from './support/tcp-front.js';
import { chat, chatPath, type TestGrant, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const uploadPath = '/openai/v1/audio/transcriptions';
const scope = 'model:gpt-4o-mini model:whisper-1 cap:chat cap:audio';
const json = 'application/json';
const form = 'multipart/form-data; boundary=b';

let front: TcpFront;
let proxy: TestProxy;

beforeAll(async () => {
  front = await TcpFront.open(process.env['TEST_DATABASE_URL'] ?? '');
  proxy = await TestProxy.start({ databaseUrl: (url) => front.through(url) });
});

beforeEach(() => proxy.upstream.reset());

afterAll(async () => {
  await proxy?.stop();
  front?.close();
});

interface Announced {
  readonly path: string;
  readonly type: string;
  readonly length: string;
  readonly lines?: string;
}

const announce = (token: string, { path, type, length, lines = '' }: Announced) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: ${type}\r\n${lines}${length}\r\n\r\n`;
const known = 'content-length: 20000000';
const chunked = 'transfer-encoding: chunked';
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** A grant for each way in which a grant ends or is used up, with the status and text of the refusal. */
async function listEndedGrants(): Promise<[string, TestGrant, number, RegExp][]> {
  const { db } = proxy.database;
  const revoked = await proxy.createGrant({ scope });
  await revokeGrant(db, { grantId: revoked.id, reason: 'owner', revokedBy: 'owner' });
  const used = await proxy.createGrant({ scope, limits: { maxRequests: 1 } });
  expect((await proxy.chat(await proxy.createToken(used))).status).toBe(200);
  const spent = await proxy.createGrant({ scope, limits: { maxCost: 1_000n } });
  await db.updateTable('grants').set({ spent: 1_000n }).where('id', '=', spent.id).execute();
  await waitUntil(async () => {
    const { held } = await db.selectFrom('grants').select('held').where('id', '=', used.id).executeTakeFirstOrThrow();
    return held === 0n;
  }, 'its request is settled');
  return [
    ['revoked', revoked, 401, /has ended/],
    ['expired', await proxy.createGrant({ scope, expiresInMilliseconds: -1_000 }), 401, /has ended/],
    ['no requests left', used, 402, /All requests/],
    ['no money left', spent, 402, /budget/],
  ];
}

// The ids at the beginning of titles are rows of docs/security.md.
it('X1: if the grant has ended or is used up, at most 64 kB of a body are read before the refusal', async () => {
  for (const [name, grant, status, words] of await listEndedGrants()) {
    const token = await proxy.createToken(grant);
    const cases: [string, string][] = [
      ['announced', announce(token, { path: chatPath, type: json, length: known })],
      ['asked for', announce(token, { path: chatPath, type: json, length: known, lines: 'expect: 100-continue\r\n' })],
      ['in chunks', announce(token, { path: chatPath, type: json, length: chunked }) + chunk(' '.repeat(100_000))],
      ['a form', announce(token, { path: uploadPath, type: form, length: known })],
      [
        'a form in chunks',
        announce(token, { path: uploadPath, type: form, length: chunked }) +
          chunk(`--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n${'x'.repeat(100_000)}`),
      ],
    ];
    for (const [way, bytes] of cases) {
      const answer = await sendRaw(proxy.port, bytes);
      expect([name, way, answer.status]).toEqual([name, way, status]);
      expect(answer.text).toMatch(words);
      expect(answer.text).not.toContain('100 Continue');
    }
  }
  expect(proxy.upstream.hits).toHaveLength(1);
});

it('bodies in chunks of usual sizes pass, small and large', async () => {
  const grant = await proxy.createGrant({ scope });
  const token = await proxy.createToken(grant);
  for (const length of [10, 100_000, 3_000_000]) {
    const body = JSON.stringify({ ...chat, messages: [{ role: 'user', content: 'x'.repeat(length) }] });
    const head = announce(token, { path: chatPath, type: json, length: chunked });
    const pieces = body.match(/[^]{1,50000}/g) ?? [];
    const answer = await sendRaw(proxy.port, `${head}${pieces.map(chunk).join('')}0\r\n\r\n`);
    expect([length, answer.status]).toEqual([length, 200]);
    expect(proxy.upstream.last.body.length).toBeGreaterThan(length);
  }
});

it('X1: a body in very many tiny chunks is refused, and a small body in chunks of one byte passes', async () => {
  const { token } = await proxy.connect(scope);
  const sendTinyChunks = (path: string, type: string, by: string, count: number) =>
    sendRaw(proxy.port, announce(by, { path, type, length: chunked }) + chunk(' ').repeat(count));
  expect((await sendTinyChunks(chatPath, json, token, 100_000)).text).toMatch(
    /^HTTP\/1\.1 400 [^]*too many small chunks/,
  );
  expect((await sendTinyChunks(uploadPath, form, token, 100_000)).status).toBe(400);
  expect((await sendTinyChunks(chatPath, json, 'nobody', 1_000_000)).status).toBe(401);
  const body = JSON.stringify(chat);
  const small = announce(token, { path: chatPath, type: json, length: chunked });
  const answer = await sendRaw(proxy.port, `${small}${body.split('').map(chunk).join('')}0\r\n\r\n`);
  expect(answer.status).toBe(200);
});

it('X1: requests on one connection are answered one after the other, and a connection with too many waiting requests is closed', async () => {
  const { token } = await proxy.connect(scope);
  const body = JSON.stringify(chat);
  const one = announce(token, { path: chatPath, type: json, length: `content-length: ${body.length}` }) + body;
  const some = await sendRaw(proxy.port, one.repeat(20), 1_000);
  expect(some.text.match(/HTTP\/1\.1 200 /g)).toHaveLength(20);
  proxy.upstream.reset();
  let open = 0;
  let most = 0;
  proxy.upstream.behaviour = (_hit, response) => {
    most = Math.max(most, (open += 1));
    setTimeout(() => {
      open -= 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }, 20);
  };
  expect((await sendRaw(proxy.port, one.repeat(10), 1_000)).text.match(/HTTP\/1\.1 200 /g)).toHaveLength(10);
  expect(most).toBe(1);
  const socket = connect(proxy.port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
  socket.resume().write(one.repeat(1_000));
  await closed;
  expect(proxy.upstream.hits.length).toBeLessThan(100);
});

it('S10: while the database cannot be reached, a large body is refused with 503 before it is read', async () => {
  const { token } = await proxy.connect(scope);
  expect((await proxy.chat(token)).status).toBe(200);
  front.cut('end');
  try {
    const answer = await sendRaw(proxy.port, announce(token, { path: chatPath, type: json, length: known }));
    expect(answer.status).toBe(503);
    expect(answer.text).toMatch(/retry-after: 5/i);
  } finally {
    front.mend();
    await waitUntil(async () => (await fetch(`${proxy.url}/health`)).ok, 'the proxy is ready again');
  }
});
