import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort } from '../src/free-port.js';

const program = fileURLToPath(new URL('../src/simulated-upstream/main.js', import.meta.url));
let url: string;
let child: ChildProcess;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  child = spawn(process.execPath, [program], {
    env: { PORT: String(port) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  while (
    !(await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await sleep(50);
});
afterAll(() => {
  child.kill('SIGKILL');
});

async function ask(path: string, body: object, key = 'simulated'): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}
const messages = [{ role: 'user', content: 'Hello' }];
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];

it.each([
  ['/v1/chat/completions', { model: 'gpt-4o', messages }, { usage: { prompt_tokens: 12, completion_tokens: 70 } }],
  ['/v1/responses', { model: 'gpt-4o', input: 'Hello' }, { usage: { input_tokens: 12, output_tokens: 70 } }],
  [
    '/v1/messages',
    { model: 'claude-sonnet-4-5', max_tokens: 9, messages },
    { usage: { input_tokens: 12, output_tokens: 70 } },
  ],
  [
    '/v1beta/models/gemini-2.5-flash:generateContent',
    { contents },
    { usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 70 } },
  ],
])('the answer at %s says that it is simulated, and reports the usage', async (path, body, usage) => {
  const { status, text } = await ask(path, body);
  expect(status).toBe(200);
  expect(text).toContain('This is a simulated answer');
  expect(JSON.parse(text)).toMatchObject(usage);
});

it.each([
  [
    '/v1/chat/completions',
    { model: 'gpt-4o', stream: true, stream_options: { include_usage: true }, messages },
    '"completion_tokens":70',
  ],
  ['/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 9, stream: true, messages }, '"output_tokens":70'],
  ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', { contents }, '"candidatesTokenCount":70'],
])('an answer at %s is streamed in many pieces, with the usage', async (path, body, usage) => {
  const { status, text } = await ask(path, body);
  expect(status).toBe(200);
  expect(text.split('\n\n').length).toBeGreaterThan(10);
  expect(text).toContain(usage);
});

it.each([
  ['/v1/embeddings', { model: 'text-embedding-3-small', input: 'Hello' }, '"embedding":['],
  ['/v1/images/generations', { model: 'gpt-image-1', prompt: 'Hello' }, '"b64_json"'],
  ['/v1/audio/speech', { model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello' }, 'RIFF'],
  ['/v1/messages/count_tokens', { model: 'claude-sonnet-4-5', messages }, '"input_tokens":'],
  ['/v1beta/models/gemini-2.5-flash:countTokens', { contents }, '"totalTokens":'],
  ['/v1beta/models/gemini-embedding-001:embedContent', { content: contents[0] }, '"values":['],
  ['/v1beta/models/gemini-embedding-001:batchEmbedContents', { requests: [{}, {}] }, '"embeddings":[{"values":'],
])('the simulated upstream also answers %s', async (path, body, part) => {
  const { status, text } = await ask(path, body);
  expect({ status, text }).toEqual({ status: 200, text: expect.stringContaining(part) });
});

it('an uploaded recording is transcribed', async () => {
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new Blob(['RIFF']), 'hello.wav');
  const headers = { authorization: 'Bearer simulated' };
  const response = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', headers, body: form });
  expect(await response.json()).toMatchObject({ text: 'This is a simulated transcription.' });
});

it('the simulated upstream accepts only its own key, so that a real key in the configuration is noticed', async () => {
  expect((await ask('/v1/chat/completions', { model: 'gpt-4o', messages }, 'sk-other')).status).toBe(401);
  expect((await ask('/v1/messages/count_tokens', { messages }, 'sk-other')).status).toBe(401);
});
