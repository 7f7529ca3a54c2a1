import { verifyLedger } from '@aipassport/store';
import { findGrantStatus } from '@aipassport/store/proxying';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { samples } from '../recordings/samples.js';
import { answerJson, type Hit } from '../support/recording-upstream.js';
import { TestProxy } from '../support/test-proxy.js';
import { waitUntil } from '../support/wait-until.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2, limits: { countTimeoutMilliseconds: 300 } });
});
afterEach(() => proxy.upstream.reset());
afterAll(() => proxy.stop());

const scope =
  'model:gpt-4o model:text-embedding-3-small model:claude-haiku-4-5 model:gemini-2.5-flash model:whisper-1 model:gpt-4o-transcribe cap:chat cap:audio cap:embeddings cap:tools.web';
const sentence = 'The quick brown fox jumps over the lazy dog and considers, at some length, what it means. ';
const english = (bytes: number): string => sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
const ask = async (path: string, body: unknown, maxCost: bigint, isSecond = false) => {
  const { grant, token } = await proxy.connect(scope, { maxCost });
  const { status } = await proxy.post(path, body, token, { proxy: isSecond ? 1 : 0 });
  return { status, grant };
};
const sent = (hit: Hit | undefined): Record<string, unknown> =>
  JSON.parse(hit?.body.toString() ?? '{}') as Record<string, unknown>;
const isCount = ({ target }: Hit): boolean => /count_tokens|countTokens|input_tokens/.test(target);

const chat = { model: 'gpt-4o', max_completion_tokens: 1_000 };
const openaiUsage = answerJson({ choices: [], usage: { prompt_tokens: 9_000, completion_tokens: 10 } });

// The ids at the beginning of titles are rows of docs/security.md.
it.each([
  ['a small body', 40_000, 40_000_000n],
  ['a body that another thread prepares', 300_000, 200_000_000n],
])(
  '3.6: counts the tokens for OpenAI’s models when the bound by the bytes of %s does not fit the budget',
  async (_name, bytes, budget) => {
    proxy.upstream.behaviour = openaiUsage;
    const body = { ...chat, messages: [{ role: 'user', content: english(bytes) }] };
    const { status } = await ask('/openai/v1/chat/completions', body, budget);
    expect(status).toBe(200);
    expect(proxy.upstream.hits).toHaveLength(1);
    expect(sent(proxy.upstream.last)).toMatchObject(body);
    expect((await ask('/openai/v1/chat/completions', body, budget / 4n, true)).status).toBe(402);
  },
);

it('3.6: counts the tokens of texts for embeddings', async () => {
  proxy.upstream.behaviour = answerJson({ data: [], usage: { prompt_tokens: 9_000, total_tokens: 9_000 } });
  const body = { model: 'text-embedding-3-small', input: [english(40_000)] };
  expect((await ask('/openai/v1/embeddings', body, 300_000n)).status).toBe(200);
  expect((await ask('/openai/v1/embeddings', body, 100_000n)).status).toBe(402);
});

const anthropic = {
  path: '/anthropic/v1/messages',
  body: {
    model: 'claude-haiku-4-5',
    max_tokens: 1_000,
    temperature: 0.5,
    system: 'Be brief.',
    messages: [{ role: 'user', content: english(40_000) }],
  },
  answer: { content: [], usage: { input_tokens: 9_000, output_tokens: 10 } },
  count: { input_tokens: 9_000 },
  // At $1 and $5 a million tokens: $0.009 for the input and $0.005 for the output. By its bytes the input would cost
  // $0.045.
  budget: 16_000_000n,
};
const google = {
  path: '/google/v1beta/models/gemini-2.5-flash:generateContent',
  body: {
    contents: [{ role: 'user', parts: [{ text: english(40_000) }] }],
    generationConfig: { maxOutputTokens: 1_000 },
  },
  answer: {
    candidates: [],
    usageMetadata: { promptTokenCount: 9_000, candidatesTokenCount: 10, totalTokenCount: 9_010 },
  },
  count: { totalTokens: 9_000, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 9_000 }] },
  // At $0.30 and $2.50 a million tokens: $0.0027 for the input and $0.0025 for the output. By its bytes the input would
  // cost $0.0145.
  budget: 6_000_000n,
};

it.each([
  ['Anthropic', anthropic],
  ['Google', google],
])(
  '3.6: when the bound does not fit the budget, asks %s once for the tokens, with the request’s provider key and free of charge',
  async (_name, { path, body, answer, count, budget }) => {
    proxy.upstream.behaviour = (hit, response) => answerJson(isCount(hit) ? count : answer)(hit, response);
    expect((await ask(path, body, 1_000_000_000n)).status).toBe(200);
    expect(proxy.upstream.hits.filter(isCount)).toHaveLength(0);

    const { status, grant } = await ask(path, body, budget);
    expect(status).toBe(200);
    expect(proxy.upstream.hits.filter(isCount)).toHaveLength(1);
    const [, counting, asked] = proxy.upstream.hits;
    expect(counting?.headers).toMatchObject(
      path.startsWith('/anthropic')
        ? { 'x-api-key': expect.stringMatching(/^sk-/) }
        : { 'x-goog-api-key': expect.stringMatching(/^sk-/) },
    );
    expect(sent(asked)).toMatchObject(body);
    const isSettled = async () => (await findGrantStatus(proxy.database.db, grant.id))?.usage.reserved === 0n;
    await waitUntil(isSettled, 'it is settled');
    expect((await findGrantStatus(proxy.database.db, grant.id))?.usage).toMatchObject({ requests: 1 });
    expect(await verifyLedger(proxy.database.db)).toEqual([]);

    expect((await ask(path, body, budget / 4n)).status).toBe(402);
  },
);

it('3.6: sends Anthropic’s counting endpoint the fields that it accepts, and Google’s the whole request with its model', async () => {
  proxy.upstream.behaviour = (hit, response) =>
    answerJson(isCount(hit) ? anthropic.count : anthropic.answer)(hit, response);
  await ask(anthropic.path, anthropic.body, anthropic.budget);
  const { model, system, messages } = anthropic.body;
  expect(proxy.upstream.hits[0]?.target).toBe('/v1/messages/count_tokens');
  expect(sent(proxy.upstream.hits[0])).toEqual({ model, system, messages });
  await ask(google.path, google.body, google.budget);
  expect(proxy.upstream.hits[2]?.target).toBe('/v1beta/models/gemini-2.5-flash:countTokens');
  expect(sent(proxy.upstream.hits[2])).toEqual({
    generateContentRequest: { ...google.body, model: 'models/gemini-2.5-flash' },
  });
});

it.each([
  ['fails', answerJson({ error: {} }, 500)],
  ['answers without a number', answerJson({ input_tokens: 'many' })],
  ['does not answer in time', () => undefined],
  [
    'answers without an end',
    (_hit: Hit, response: { write: (text: string) => unknown }) => response.write('x'.repeat(200_000)),
  ],
])('3.6: uses the bound when the vendor’s counting operation %s', async (_name, behaviour) => {
  proxy.upstream.behaviour = (hit, response) =>
    (isCount(hit) ? behaviour : answerJson(anthropic.answer))(hit, response);
  expect((await ask(anthropic.path, anthropic.body, anthropic.budget)).status).toBe(402);
  expect((await ask(anthropic.path, anthropic.body, 80_000_000n)).status).toBe(200);
});

it('3.6: does not count content at a URL, since it may change before the request', async () => {
  proxy.upstream.behaviour = (hit, response) =>
    answerJson(isCount(hit) ? anthropic.count : anthropic.answer)(hit, response);
  const source = { type: 'url', url: 'https://example.org/a.pdf' };
  const body = { ...anthropic.body, messages: [{ role: 'user', content: [{ type: 'document', source }] }] };
  expect((await ask(anthropic.path, body, anthropic.budget)).status).toBe(402);
  expect(proxy.upstream.hits).toHaveLength(0);
});

it('3.6: counts a document of one page instead of reserving a whole context window', async () => {
  proxy.upstream.behaviour = (hit, response) =>
    answerJson(isCount(hit) ? { input_tokens: 2_000 } : anthropic.answer)(hit, response);
  const source = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' };
  const body = { ...anthropic.body, messages: [{ role: 'user', content: [{ type: 'document', source }] }] };
  expect((await ask(anthropic.path, body, anthropic.budget)).status).toBe(200);
});

it('3.6: uses the bound if pictures are not counted, even if a tool definition has as many objects that look like pictures', async () => {
  proxy.upstream.behaviour = (hit, response) =>
    answerJson(isCount(hit) ? { input_tokens: 10 } : { output: [], usage: { input_tokens: 9, output_tokens: 9 } })(
      hit,
      response,
    );
  const url = 'data:image/png;base64,AAAA';
  const times = <T>(value: T): readonly T[] => Array.from({ length: 20 }, () => value);
  const output = { type: 'computer_screenshot', image_url: url };
  const body = {
    model: 'gpt-4o',
    max_output_tokens: 16,
    input: times({ type: 'computer_call_output', call_id: 'c', output }),
    tools: [{ type: 'function', name: 'f', parameters: { x: times({ type: 'input_image', image_url: url }) } }],
  };
  // Twenty pictures of 1,445 tokens cost $0.07.
  expect((await ask('/openai/v1/responses', body, 50_000_000n)).status).toBe(402);
});

/** A WAV header and `content` after it: by default, twenty seconds of silence. */
function wav(content = Buffer.alloc(640_000), bytesPerSecond = 32_000): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF....WAVEfmt ');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(bytesPerSecond / 2, 24);
  head.writeUInt16LE(16, 34);
  return Buffer.concat([head, content]);
}

const transcribe = async (recording: Buffer, maxCost: bigint, { model = 'whisper-1', isFileFirst = false } = {}) => {
  const { token } = await proxy.connect(scope, { maxCost });
  const form = new FormData();
  if (!isFileFirst) form.set('model', model);
  form.set('file', new Blob([new Uint8Array(recording)]), 'recording');
  if (isFileFirst) form.set('model', model);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${proxy.url}/openai/v1/audio/transcriptions`, { method: 'POST', headers, body: form });
  return answer.status;
};

it.each([
  ['whisper-1', { model: 'whisper-1' }, { duration: 20 }],
  ['whisper-1, the file first', { model: 'whisper-1', isFileFirst: true }, { duration: 20 }],
  [
    'gpt-4o-transcribe',
    { model: 'gpt-4o-transcribe' },
    { usage: { type: 'tokens', input_tokens: 200, output_tokens: 80, total_tokens: 280 } },
  ],
])(
  '3.6: reads a recording to its end when the bound by its size does not fit the budget, for %s',
  async (_name, options, answer) => {
    proxy.upstream.behaviour = answerJson({ text: 'Hello', ...answer });
    // 20 seconds cost $0.002. The bound by the size of the file is $0.064, or $0.116 for gpt-4o-transcribe.
    expect(await transcribe(wav(), 6_000_000n, options)).toBe(200);
    expect(proxy.upstream.last.body.includes(wav())).toBe(true);
    expect(await transcribe(wav(), 1_000_000n, options)).toBe(402);
  },
);

/** The CRC-8 of a FLAC frame's head: RFC 9639, section 9.1.8. */
const crc8 = (bytes: readonly number[]) => {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x80 ? 7 : 0)) & 0xff;
  }
  return crc;
};

/** FLAC of 8 kHz with frames of silence: each has 65,536 samples, which are eight seconds, in 15 bytes. */
function silence(frames: number): Buffer {
  const start = Buffer.alloc(42);
  start.write('fLaC');
  start.writeUIntBE(8_000 << 4, 18, 3);
  const head = [0xff, 0xf8, 0x74, 0x08, 0, 0xff, 0xff];
  const frame = Buffer.from([...head, crc8(head), 0, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([start, ...Array.from({ length: frames }, () => frame)]);
}

it('3.6: does not exceed the budget if a recording has less than a byte for each second', async () => {
  proxy.upstream.behaviour = answerJson({ text: 'Hello', duration: 819 });
  // 819 seconds cost $0.0819
  expect(await transcribe(silence(100), 81_000_000n)).toBe(402);
  expect(proxy.upstream.hits).toHaveLength(0);
  expect(await transcribe(silence(100), 83_000_000n)).toBe(200);
});

it('3.6: refuses a recording whose length cannot be determined, if the model is billed by its length', async () => {
  proxy.upstream.behaviour = answerJson({ text: 'Hello' });
  expect(await transcribe(Buffer.alloc(1_000, 'sound'), 1_000_000_000n)).toBe(400);
  expect(proxy.upstream.hits).toHaveLength(0);
  expect(await transcribe(Buffer.alloc(1_000, 'sound'), 1_000_000_000n, { model: 'gpt-4o-transcribe' })).toBe(200);
});

it('3.6: does not exceed the budget if a WAV header claims that a long recording is short', async () => {
  proxy.upstream.behaviour = answerJson({ text: 'Hello', duration: 400 });
  const hidden = wav(Buffer.concat(Array.from({ length: 200 }, () => Buffer.from(samples.mp3, 'base64'))), 640_000);
  // 400 seconds of MP3 cost $0.04. The header claims less than a second.
  expect(await transcribe(hidden, 39_000_000n)).toBe(402);
  expect(proxy.upstream.hits).toHaveLength(0);
  expect(await transcribe(hidden, 60_000_000n)).toBe(200);
});

const pdf = { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' };
const picture = { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' };
const ofChat = [
  { type: 'text', text: 'Read this.' },
  { type: 'file', file: pdf },
  { type: 'image_url', image_url: picture },
];
const ofResponse = [
  { type: 'input_text', text: 'Read this.' },
  { type: 'input_file', ...pdf },
  { type: 'input_image', image_url: picture.url, detail: 'low' },
];

it.each([
  ['a chat', '/openai/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: ofChat }] }],
  [
    'a response',
    '/openai/v1/responses',
    { model: 'gpt-4o', max_output_tokens: 1_000, input: [{ role: 'user', content: ofResponse }] },
  ],
])('3.6: asks OpenAI for the tokens of the documents and pictures of %s', async (_name, path, body) => {
  proxy.upstream.behaviour = (hit, response) =>
    (isCount(hit) ? answerJson({ object: 'response.input_tokens', input_tokens: 900 }) : openaiUsage)(hit, response);
  expect((await ask(path, body, 20_000_000n)).status).toBe(200);
  expect(proxy.upstream.hits).toHaveLength(2);
  const content = ofResponse.slice(1);
  expect(sent(proxy.upstream.hits[0])).toEqual({ model: 'gpt-4o', input: [{ role: 'user', content }] });
  expect((await ask(path, body, 2_000_000n)).status).toBe(402);
});

it('3.6: uses the bound if a request has a picture that is not sent to the vendor’s counting endpoint', async () => {
  proxy.upstream.behaviour = (hit, response) =>
    (isCount(hit) ? answerJson({ input_tokens: 900 }) : openaiUsage)(hit, response);
  const content = [...ofChat, { type: 'text', text: '', image: 'iVBORw0KGgo=' }];
  const body = { ...chat, messages: [{ role: 'user', content }] };
  expect((await ask('/openai/v1/chat/completions', body, 20_000_000n)).status).not.toBe(200);
});
