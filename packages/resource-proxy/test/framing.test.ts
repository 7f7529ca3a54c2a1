import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { answerJson } from './support/recording-upstream.js';
import { countAnswers, sendRaw } from './support/send-raw.js';
import { chat, chatPath, operatorKey, TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;
let token: string;
const body = JSON.stringify(chat);

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect());
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

function head(lines: readonly string[], host = 'host: x'): string {
  return [
    `POST ${chatPath} HTTP/1.1`,
    host,
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n');
}

const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

// The ids at the beginning of titles are rows of docs/security.md.
it('3.2: a request that two servers could read differently is refused, and the bytes after it are not read as a request', async () => {
  const second = `GET /v1/grant HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`;
  const cases: [string, string][] = [
    ['CL and TE', head([`content-length: ${body.length}`, 'transfer-encoding: chunked']) + chunked],
    ['TE and CL', head(['transfer-encoding: chunked', 'content-length: 4']) + chunked],
    ['two CL', head([`content-length: ${body.length}`, 'content-length: 1']) + body],
    ['two equal CL', head([`content-length: ${body.length}`, `content-length: ${body.length}`]) + body],
    ['CL in a list', head([`content-length: ${body.length}, ${body.length}`]) + body],
    ['space before the colon', head(['transfer-encoding : chunked']) + chunked],
    ['xchunked', head(['transfer-encoding: xchunked']) + chunked],
    ['chunked twice', head(['transfer-encoding: chunked', 'transfer-encoding: identity']) + chunked],
    ['a bare line feed', head([`content-length: ${body.length}`]).replace('host: x\r\n', 'host: x\n') + body],
    ['a bare carriage return', head([`content-length: ${body.length}`]).replace('host: x\r\n', 'host: x\r') + body],
    ['a folded header', head([`content-length: ${body.length}`, 'x-a: b', ' c: d']) + body],
    ['a signed length', head([`content-length: +${body.length}`]) + body],
    ['a negative length', head(['content-length: -1']) + body],
    ['a chunk size with junk', head(['transfer-encoding: chunked']) + chunked.replace('\r\n', 'x\r\n')],
    ['no host', head([`content-length: ${body.length}`], 'x-host: x') + body],
    ['two hosts', head([`content-length: ${body.length}`], 'host: x\r\nhost: y') + body],
    ['two content types', head([`content-length: ${body.length}`, 'content-type: text/plain']) + body],
    ['NUL in a header', head([`content-length: ${body.length}`, 'x-a: \u0000']) + body],
  ];
  for (const [name, bytes] of cases) {
    const answer = await sendRaw(proxy.port, bytes + second, 100);
    expect([name, answer.status === 400 || answer.status === 0]).toEqual([name, true]);
    expect([name, countAnswers(answer)]).toEqual([name, answer.status === 0 ? 0 : 1]);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.2: two requests on one connection are each decided by their own token', async () => {
  const other = await proxy.connect('model:gpt-4.1 cap:chat');
  const request = (...lines: readonly string[]) => head([`content-length: ${body.length}`, ...lines]) + body;
  // The second request asks the proxy to close the connection. Wait until it is closed.
  const answer = await sendRaw(
    proxy.port,
    request() + request('connection: close').replace(token, other.token),
    10_000,
  );
  expect([...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '403']);
  expect(proxy.upstream.hits.length).toBe(1);
});

it('3.2, S11: a client’s hop-by-hop, forwarding and vendor headers never go upstream and change nothing there', async () => {
  const answer = await sendRaw(
    proxy.port,
    head([
      `content-length: ${body.length}`,
      'connection: close, authorization, x-api-key, content-type',
      'te: trailers',
      'trailer: x-late',
      'upgrade: websocket',
      'cookie: a=b',
      'forwarded: for=1.2.3.4',
      'x-forwarded-for: 1.2.3.4',
      'x-real-ip: 1.2.3.4',
      'proxy-authorization: Basic eDp5',
      'openai-organization: org-evil',
      'openai-project: proj_evil',
      'openai-beta: assistants=v2',
      'anthropic-beta: context-1m-2025-08-07',
      'anthropic-workspace-id: w',
      'x-goog-user-project: p',
      'idempotency-key: k',
      'accept-encoding: br',
      'user-agent: evil',
      'x-stainless-lang: js',
      'x-client-request-id: evil',
    ]) + body,
  );
  expect(answer.status).toBe(200);
  expect(proxy.upstream.last.headers).toEqual({
    host: new URL(proxy.upstream.url).host,
    connection: 'keep-alive',
    'content-type': 'application/json',
    'content-length': String(proxy.upstream.last.body.length),
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': 'aipassport',
    'x-client-request-id': /^x-request-id: (.+)$/im.exec(answer.text)?.[1]?.trim(),
    authorization: `Bearer ${operatorKey}`,
  });
  expect(proxy.upstream.last.rawHeaders.join()).not.toContain(token);
});

it('3.2: Anthropic’s version and harmless betas go through, other betas do not', async () => {
  const send = (headers: Record<string, string>) =>
    proxy.post('/anthropic/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 5, messages: [] }, token, {
      headers,
    });
  await send({
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'context-1m-2025-08-07, interleaved-thinking-2025-05-14,files-api-2025-04-14',
  });
  expect(proxy.upstream.last.headers).toMatchObject({
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'interleaved-thinking-2025-05-14',
    'x-api-key': operatorKey,
  });
  await send({ 'anthropic-version': '../../x', 'anthropic-beta': 'files-api-2025-04-14' });
  expect(proxy.upstream.last.headers['anthropic-version']).toBe('2023-06-01');
  expect(proxy.upstream.last.headers).not.toHaveProperty('anthropic-beta');
  expect(proxy.upstream.last.headers).not.toHaveProperty('authorization');
});

it('3.2: a client that sends Expect: 100-continue is asked for the body only if its token is valid; other values get a 417', async () => {
  const expecting = head([`content-length: ${body.length}`, 'expect: 100-continue', 'connection: close']);
  const refused = await sendRaw(proxy.port, expecting.replace(token, 'nobody'), 300);
  expect(refused.text).toMatch(/^HTTP\/1\.1 401 /);
  expect(refused.text).not.toContain('100 Continue');
  const text = await new Promise<string>((resolve) => {
    const socket = connect(proxy.port, '127.0.0.1', () => socket.write(expecting));
    let received = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      if (received === '' && chunk.startsWith('HTTP/1.1 100 ')) socket.write(body);
      received += chunk;
    });
    socket.on('close', () => resolve(received));
  });
  expect(text).toContain('HTTP/1.1 200 ');
  expect((await sendRaw(proxy.port, head([`content-length: ${body.length}`, 'expect: 200-maybe']) + body)).status).toBe(
    417,
  );
});

it('3.2: trailers are dropped, and a GET request with a body is refused', async () => {
  const trailing =
    head(['transfer-encoding: chunked', 'trailer: authorization', 'connection: close']) +
    chunked.replace('0\r\n\r\n', '0\r\nauthorization: Bearer x\r\n\r\n');
  expect((await sendRaw(proxy.port, trailing)).status).toBe(200);
  expect(proxy.upstream.last.headers).not.toHaveProperty('trailer');
  const get = `GET /v1/grant HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 2\r\n\r\n{}`;
  expect((await sendRaw(proxy.port, get)).status).toBe(400);
});

it('3.2: control characters in the name of a model lead to a 400 or a 404, and nothing is forwarded', async () => {
  for (const model of ['a\r\nX: y', 'gpt-4o-mini\u0000', 'gpt-4o-mini\u200b', 'gpt-4o-mini\n'])
    expect([404, 400]).toContain((await proxy.chat(token, { model })).status);
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.2: an upstream’s header values cannot add headers to our answer', async () => {
  proxy.upstream.behaviour = answerJson({ ok: true }, 200, {
    'x-request-id': 'bad id; x',
    'retry-after': '1\u00e4',
    'content-type': 'text/html',
  });
  const answer = await proxy.chat(token);
  expect(answer.headers.get('x-upstream-request-id')).toBeNull();
  expect(answer.headers.get('retry-after')).toBeNull();
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
});

it('headers that are too long are refused with a 431', async () => {
  const answer = await sendRaw(
    proxy.port,
    head([`content-length: ${body.length}`, `x-long: ${'a'.repeat(20_000)}`]) + body,
  );
  expect(answer.status).toBe(431);
});
