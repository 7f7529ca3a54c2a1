import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { mp3Of } from './support/recording.js';
import { operatorKey, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

let raw: RawUpstream;
let proxy: TestProxy;
let token: string;

/** An AI provider that answers each complete request with raw bytes, which no HTTP library would write. */
class RawUpstream {
  answer = '';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      let received = '';
      socket.setEncoding('latin1').on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (text: string) => {
        received += text;
        const isWhole = received.includes('chunked') ? received.endsWith('0\r\n\r\n') : /\r\n\r\n[^]/.test(received);
        if (!isWhole) return;
        received = '';
        socket.end(this.answer);
      });
    });
  }

  static async start(): Promise<RawUpstream> {
    const upstream = new RawUpstream();
    await new Promise<void>((resolve) => void upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

beforeAll(async () => {
  raw = await RawUpstream.start();
  proxy = await TestProxy.start({ upstreamUrl: raw.url, limits: { answerTimeoutMilliseconds: 2_000 } });
  ({ token } = await proxy.connect('model:gpt-4o-mini model:whisper-1 cap:chat cap:audio'));
});

afterAll(async () => {
  await proxy?.stop();
  raw?.stop();
});

function upload(): Promise<Response> {
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new Blob([mp3Of(2_000)]), 'a.wav');
  return fetch(`${proxy.url}/openai/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
}

/** The end of most answers: headers, of which the first two must not be passed on, and a body. */
const json =
  'set-cookie: canary\r\nx-canary: $key\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}';
const unusable: Record<string, string> = {
  'status 600': `HTTP/1.1 600 Odd\r\n${json}`,
  'status 999': `HTTP/1.1 999 Odd\r\n${json}`,
  'status 000': `HTTP/1.1 000 Odd\r\n${json}`,
  'status 099': `HTTP/1.1 099 Odd\r\n${json}`,
  'status 199 and nothing more': 'HTTP/1.1 199 Odd\r\n\r\n',
  'status 101': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nxyz',
  'status 204': 'HTTP/1.1 204 No Content\r\n\r\n',
  'status 204 with a body': `HTTP/1.1 204 No Content\r\n${json}`,
  'status 205': 'HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n',
  'status 304': 'HTTP/1.1 304 Not Modified\r\n\r\n',
  'status 304 with a body': `HTTP/1.1 304 Not Modified\r\n${json}`,
  'status 302': 'HTTP/1.1 302 Found\r\nlocation: http://x/\r\ncontent-length: 0\r\n\r\n',
  'a status of four digits': `HTTP/1.1 2000 OK\r\n${json}`,
  'a status of letters': `HTTP/1.1 abc OK\r\n${json}`,
  'no status': `HTTP/1.1 OK\r\n${json}`,
  'HTTP/0.9': '{"ok":true}',
  'a version of HTTP that does not exist': `HTTP/7.3 200 OK\r\n${json}`,
  'a header with a NUL': `HTTP/1.1 200 OK\r\nx-a: b\0c\r\n${json}`,
  'a header name with a space': `HTTP/1.1 200 OK\r\nx a: b\r\n${json}`,
  'a header without a colon': `HTTP/1.1 200 OK\r\nxa\r\n${json}`,
  'two lengths': `HTTP/1.1 200 OK\r\ncontent-length: 5\r\n${json}`,
  'a length that is not a number': `HTTP/1.1 200 OK\r\ncontent-length: 1x\r\ncontent-type: application/json\r\n\r\n{}`,
  'a length and chunks': `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n${json}`,
  'huge headers': `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(100_000)}\r\n${json}`,
  'many headers': `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}${json}`,
  'a compressed answer': `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n${json}`,
};

async function listSettlements(): Promise<string[]> {
  const { rows } = await sql<{ settlement: string }>`select settlement from ledger`.execute(proxy.database.db);
  return rows.map(({ settlement }) => settlement);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.5: an answer that cannot be used because of its status, format or headers is a 502, and its request is not charged the whole reservation', async () => {
  let sent = 0;
  for (const [name, bytes] of Object.entries(unusable))
    for (const [kind, send] of [
      ['json', () => proxy.chat(token)],
      ['upload', upload],
    ] as const) {
      raw.answer = bytes.replaceAll('$key', operatorKey);
      const answer = await send();
      sent += 1;
      expect([name, kind, answer.status]).toEqual([name, kind, 502]);
      expect(JSON.stringify([...answer.headers])).not.toContain('canary');
      expect(await answer.json()).toEqual({
        error: {
          message: 'The AI provider did not give a usable answer.',
          type: 'server_error',
          param: null,
          code: 'upstream_unavailable',
        },
      });
    }
  await waitUntil(async () => (await listSettlements()).length === sent, 'every one is in the ledger');
  // `produced`: if the connection ended without an answer, the model may have written output until then
  expect(new Set(await listSettlements())).toEqual(new Set(['unbilled', 'produced']));
  expect(proxy.lines.filter((line) => line.includes('unexpected_error'))).toEqual([]);
  expect(proxy.lines.join('')).not.toContain(operatorKey);
}, 120_000);

it('answers over HTTP/1.0 and answers that end with their connection are accepted', async () => {
  for (const bytes of [
    `HTTP/1.0 200 OK\r\n${json}`,
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"ok":true}',
  ])
    for (const send of [() => proxy.chat(token), upload]) {
      raw.answer = bytes;
      const answer = await send();
      expect([answer.status, await answer.json()]).toEqual([200, { ok: true }]);
    }
});
