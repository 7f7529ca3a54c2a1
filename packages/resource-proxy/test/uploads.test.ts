import { connect } from 'node:net';
import { revokeGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { noRequestFields } from '../src/index.js';
import { mp3Of } from './support/recording.js';
import { answerJson } from './support/recording-upstream.js';
import { sendRaw } from './support/send-raw.js';
import { operatorKey, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const path = '/openai/v1/audio/transcriptions';
const scope = 'model:whisper-1 model:gpt-4o-transcribe cap:audio';

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect(scope));
});

beforeEach(() => {
  proxy.upstream.reset();
  proxy.upstream.behaviour = answerJson({ text: 'hello' });
});

afterAll(() => proxy?.stop());

interface Part {
  readonly name: string;
  readonly value: string | Buffer;
  readonly filename?: string;
  readonly lines?: readonly string[];
}

const boundary = 'test-boundary';
const model: Part = { name: 'model', value: 'whisper-1' };
const file: Part = { name: 'file', value: mp3Of(3_000), filename: 'a.wav' };

function form(parts: readonly Part[], end = `--${boundary}--\r\n`): Buffer {
  const written = parts.map(({ name, value, filename, lines = [] }) =>
    Buffer.concat([
      Buffer.from(
        [
          `--${boundary}`,
          `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`,
          ...lines,
          '',
          '',
        ].join('\r\n'),
      ),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]),
  );
  return Buffer.concat([...written, Buffer.from(end)]);
}

const send = (body: Buffer, contentType = `multipart/form-data; boundary=${boundary}`, by = token) =>
  proxy.post(path, body, by, { headers: { 'content-type': contentType } });

/** The form that the upstream received, part by part. */
function received(): { name: string; filename: string | undefined; value: string }[] {
  const { headers, body } = proxy.upstream.last;
  const own = /boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1] ?? '';
  const text = body.toString('latin1');
  expect(text.endsWith(`--${own}--\r\n`)).toBe(true);
  return text
    .split(`--${own}`)
    .slice(1, -1)
    .map((part) => {
      const [, name = '', filename] = /name="([^"]*)"(?:; filename="([^"]*)")?/.exec(part) ?? [];
      return { name, filename, value: part.slice(part.indexOf('\r\n\r\n') + 4, -2) };
    });
}

it('the official SDK uploads a file of 2 MB unchanged, with its fields in either order', async () => {
  const sdk = new OpenAI({ baseURL: `${proxy.url}/openai/v1`, apiKey: token, maxRetries: 0 });
  const bytes = Buffer.from(Array.from({ length: 2_000_000 }, (_, index) => index % 251));
  bytes.set(mp3Of(3));
  const upload = await toFile(bytes, 'Aufnahme für später.wav', { type: 'audio/wav' });
  for (const body of [
    { model: 'whisper-1', file: upload },
    { file: upload, model: 'whisper-1', language: 'de' },
  ]) {
    expect((await sdk.audio.transcriptions.create(body)).text).toBe('hello');
    const parts = received();
    expect(parts.map(({ name }) => name).sort()).toEqual(Object.keys(body).sort());
    expect(parts.find(({ name }) => name === 'model')?.value).toBe('whisper-1');
    expect(Buffer.from(parts.find(({ name }) => name === 'file')?.value ?? '', 'latin1').equals(bytes)).toBe(true);
    expect(proxy.upstream.last.headers).toMatchObject({
      authorization: `Bearer ${operatorKey}`,
      'accept-encoding': 'identity',
      'user-agent': 'aipassport',
    });
  }
});

it('a file that follows its model is streamed: the upstream receives its beginning before the client has sent all of it', async () => {
  const head =
    form([model], '').toString('latin1') +
    form([{ ...file, value: '' }], '')
      .toString('latin1')
      .slice(0, -2);
  const socket = connect(proxy.port, '127.0.0.1');
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  const chunk = (bytes: string) => socket.write(`${bytes.length.toString(16)}\r\n${bytes}\r\n`, 'latin1');
  chunk(head);
  chunk(mp3Of(100_000).toString('latin1'));
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  const seen = () => [...proxy.upstream.open].reduce((sum, { socket: { bytesRead } }) => sum + bytesRead, 0);
  await waitUntil(() => answer !== '' || seen() > 90_000, 'the upstream has the beginning');
  expect(answer).toBe('');
  chunk(`\r\n--${boundary}--\r\n`);
  socket.write('0\r\n\r\n');
  await waitUntil(() => answer !== '', 'it is answered');
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.5: unknown fields of a form are left out, and a header of the answer names them', async () => {
  const unknown = [
    { name: 'api_base', value: 'canary-base' },
    { name: 'Model', value: 'canary-model' },
    { name: 'mask', filename: 'mask.png', value: 'canary-mask' },
  ];
  for (const parts of [
    [...unknown, model, file],
    [model, { ...file, lines: ['Content-Transfer-Encoding: binary'] }, ...unknown],
  ]) {
    const answer = await send(form(parts));
    expect([answer.status, answer.headers.get('aipassport-dropped')]).toEqual([200, 'api_base, Model, mask']);
    expect(proxy.upstream.last.body.toString('latin1')).not.toMatch(/canary|api_base|Model|mask/);
  }
  const twice = await send(form([model, file, { name: 'prompt', value: 'x' }, { name: 'prompt', value: 'y' }]));
  expect(await twice.json()).toMatchObject({
    error: { param: 'prompt', message: expect.stringContaining('It is `prompt`.') },
  });
});

it('a form field that the operator has declared known goes upstream, and so does a list with or without brackets', async () => {
  const fields = { ...noRequestFields, fields: { 'openai.audio/transcriptions': ['new_field'] } };
  const other = await TestProxy.start({ requestSettings: { fields } });
  try {
    const { token: otherToken } = await other.connect(scope);
    other.upstream.behaviour = answerJson({ text: 'hello' });
    const names = ['new_field', 'known_speaker_names', 'known_speaker_names[]', 'include', 'include[]'];
    const parts = [model, ...names.map((name) => ({ name, value: 'x' })), file];
    const answer = await other.post(path, form(parts), otherToken, {
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
    expect([answer.status, answer.headers.get('aipassport-dropped')]).toEqual([200, null]);
    for (const name of names) expect(other.upstream.last.body.toString()).toContain(`; name="${name}"\r\n`);
  } finally {
    await other.stop();
  }
});

it('3.5: a form that two parsers could read differently is refused, and no upstream receives all of it', async () => {
  const cases: [string, Buffer, string?][] = [
    ['model twice', form([model, { ...model, value: 'gpt-4o' }, file])],
    ['model again after the file', form([model, file, { ...model, value: 'gpt-4o' }])],
    ['model as a file', form([{ ...model, filename: 'model' }, file])],
    ['file as a field', form([model, { name: 'file', value: 'x' }])],
    ['file twice', form([model, file, file])],
    ['no end', form([model, file], '')],
    ['half an end', form([model, file], `--${boundary}`)],
    ['a second form after the end', Buffer.concat([form([model, file]), form([{ ...model, value: 'gpt-4o' }])])],
    ['a preamble', Buffer.concat([Buffer.from('preamble\r\n'), form([model, file])])],
    [
      'line feeds only',
      Buffer.from(
        form([model, { ...file, value: 'x' }])
          .toString('latin1')
          .replaceAll('\r\n', '\n'),
        'latin1',
      ),
    ],
    ['a name twice in one head', form([{ ...model, lines: ['Content-Disposition: form-data; name="prompt"'] }, file])],
    ['an encoded part', form([{ ...model, lines: ['Content-Transfer-Encoding: base64'] }, file])],
    [
      'an extended file name',
      Buffer.from(
        form([model, { ...file, value: 'x' }])
          .toString()
          .replace('; filename="a.wav"', `; filename="a.wav"; filename*=utf-8''b.wav`),
      ),
    ],
    [
      'an unquoted name',
      Buffer.from(
        form([model, { ...file, value: 'x' }])
          .toString()
          .replace('name="model"', 'name=model'),
      ),
    ],
    ...(
      [
        ['an escape in a name', 'name="model"', 'name="mo\\del"'],
        ['two names', 'name="model"', 'name="model"; name="prompt"'],
        ['text behind a quote', 'name="model"', 'name="model"x'],
        ['a folded line', 'name="model"', '\r\n name="model"'],
        ['no disposition', 'Content-Disposition: form-data; name="model"', 'Content-Type: text/plain'],
        ['an unknown header', 'Content-Disposition: form-data; name="model"', 'X-Name: x\r\n$&'],
        ['text behind a boundary', /^--\S+/, '$& x'],
      ] as const
    ).map(([name, from, to]): [string, Buffer] => [
      name,
      Buffer.from(
        form([model, { ...file, value: 'x' }])
          .toString()
          .replace(from, to),
      ),
    ]),
    ['a model of many bytes', form([{ ...model, value: 'whisper-1'.padEnd(1_000) }, file])],
    ['a long head', form([{ ...model, lines: [`Content-Type: ${'a'.repeat(10_000)}`] }, file])],
    [
      'many parts',
      form([model, file, ...Array.from({ length: 100 }, () => ({ name: 'include[]', value: 'logprobs' }))]),
    ],
    ['no model', form([file])],
    ['no file', form([model])],
    ['nothing', Buffer.from(`--${boundary}--\r\n`)],
    ['two boundaries', form([model, file]), `multipart/form-data; boundary=${boundary}; boundary=other`],
    ['no boundary', form([model, file]), 'multipart/form-data'],
    ['another type', form([model, file]), `multipart/mixed; boundary=${boundary}`],
    ['a hostile boundary', form([model, file]), 'multipart/form-data; boundary="a b"'],
    ['JSON', Buffer.from('{"model":"whisper-1"}'), 'application/json'],
  ];
  for (const [name, body, contentType] of cases) {
    const answer = await send(body, contentType);
    expect([name, [400, 415].includes(answer.status), answer.status]).toEqual([name, true, answer.status]);
  }
  expect(proxy.upstream.hits.filter(({ isComplete }) => isComplete)).toEqual([]);
  expect((await send(form([model, file]))).status).toBe(200);
});

it('the model of a form is compared with the scope like any other', async () => {
  const { token: other } = await proxy.connect('model:gpt-4o-transcribe cap:audio');
  for (const parts of [
    [model, file],
    [file, model],
  ])
    expect((await send(form(parts), undefined, other)).status).toBe(403);
  expect((await send(form([{ ...model, value: 'gpt-4o' }, file]))).status).toBe(400);
  expect((await send(form([{ ...model, value: 'nobody' }, file]))).status).toBe(404);
  expect((await send(form([{ ...model, value: 'whisper-1 ' }, file]))).status).toBe(404);
  expect(proxy.upstream.hits).toEqual([]);
});

it('the proxy rewrites a form without changing its file name and its prompt', async () => {
  const hostile = {
    name: 'prompt',
    value: `--${boundary}\nContent-Disposition: form-data; name="model"\r\n\r\ngpt-4o`,
  };
  const sent = form([
    model,
    hostile,
    { ...file, filename: "Müll; name='model'.wav", lines: ['Content-Type: audio/wav'] },
  ]);
  expect((await send(sent)).status).toBe(200);
  const parts = received();
  expect(parts.map(({ name }) => name)).toEqual(['model', 'prompt', 'file']);
  expect(parts[1]?.value).toBe(hostile.value);
  expect(Buffer.from(parts[2]?.filename ?? '', 'latin1').toString()).toBe("Müll; name='model'.wav");
  expect(proxy.upstream.last.headers['content-type']).not.toContain(boundary);
});

it('3.2: the headers of a client do not go upstream with an upload', async () => {
  const body = form([model, file]);
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: x',
    `authorization: Bearer ${token}`,
    `content-type: multipart/form-data; boundary=${boundary}`,
    `content-length: ${body.length}`,
    'connection: close, authorization',
    'trailer: x-late',
    'upgrade: websocket',
    'cookie: a=b',
    'x-forwarded-for: 1.2.3.4',
    'openai-organization: org-evil',
    '',
    '',
  ].join('\r\n');
  expect((await sendRaw(proxy.port, Buffer.concat([Buffer.from(head), body]))).status).toBe(200);
  expect(Object.keys(proxy.upstream.last.headers).sort()).toEqual(
    [
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-type',
      'host',
      'transfer-encoding',
      'user-agent',
      'x-client-request-id',
    ].sort(),
  );
  expect(proxy.upstream.last.rawHeaders.join()).not.toContain(token);
});

it('3.2: the proxy answers the Expect header of an upload, and sends the upload on with the provider key', async () => {
  const body = form([model, file]);
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\nauthorization: Bearer ${token}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${body.length}\r\n\r\n`;
  const text = await new Promise<string>((resolve) => {
    let got = '';
    const socket = connect(proxy.port, '127.0.0.1', () => socket.write(head));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      if (got === '') socket.write(body);
      got += chunk;
    });
    socket.on('close', () => resolve(got));
  });
  expect(text).toContain('HTTP/1.1 200 ');
  expect(proxy.upstream.last.headers.authorization).toBe(`Bearer ${operatorKey}`);
});

it('an upload that is too long is refused with 413, and no upstream receives all of it', async () => {
  const small = await TestProxy.start({ limits: { maxUploadBytes: 100_000 } });
  try {
    const { token: by } = await small.connect(scope);
    const large = { ...file, value: mp3Of(200_000) };
    const type = { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
    expect((await small.post(path, form([model, large]), by, type)).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(form([model, large]));
        controller.close();
      },
    });
    const chunked = await fetch(`${small.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${by}`, ...type.headers },
      body: stream,
      duplex: 'half',
    });
    expect(chunked.status).toBe(413);
    expect(small.upstream.hits.filter(({ isComplete }) => isComplete)).toEqual([]);
  } finally {
    await small.stop();
  }
});

it('F16: when a client leaves in the middle of an upload, the upstream receives only a part of the request', async () => {
  const bytes = form([model, file], '');
  const socket = connect(proxy.port, '127.0.0.1');
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: 100000\r\n\r\n`,
  );
  socket.write(bytes);
  // The proxy forwards nothing before it has the first bytes of the recording. They show its format, which the proxy
  // needs to estimate the cost.
  socket.write(Buffer.alloc(10_000));
  await waitUntil(() => proxy.upstream.open.size === 1, 'the upstream was called');
  socket.destroy();
  await waitUntil(() => proxy.upstream.hits.length === 1, 'the upstream request broke off');
  expect(proxy.upstream.last.isComplete).toBe(false);
});

it('a revocation cuts an upload, and the client gets an error when the upstream breaks off', async () => {
  const { grant, token: by } = await proxy.connect(scope);
  proxy.upstream.behaviour = () => undefined;
  const answer = send(form([model, file]), undefined, by);
  await waitUntil(() => proxy.upstream.hits.length === 1, 'it reached the upstream');
  await revokeGrant(proxy.database.db, { grantId: grant.id, reason: 'owner', revokedBy: 'owner' });
  expect((await answer).status).toBe(401);
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"text":');
    setTimeout(() => response.destroy(), 20);
  };
  await expect(send(form([model, file])).then((broken) => broken.text())).rejects.toThrow();
  proxy.upstream.behaviour = (_hit, response) => response.destroy();
  expect((await send(form([model, file]))).status).toBe(502);
});

it('3.3: an upstream’s answer to an upload is filtered like all others', async () => {
  proxy.upstream.behaviour = answerJson({ error: { message: `Incorrect API key provided: ${operatorKey}` } }, 401, {
    'set-cookie': 'a=b',
    'openai-organization': 'org',
  });
  const answer = await send(form([model, file]));
  expect(answer.status).toBe(502);
  expect(await answer.text()).not.toContain(operatorKey);
  expect(answer.headers.get('set-cookie')).toBeNull();
});
