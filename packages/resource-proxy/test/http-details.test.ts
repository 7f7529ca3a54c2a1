import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { answerJson, type Behaviour } from './support/recording-upstream.js';
import { chatPath, chatScope, TestProxy } from './support/test-proxy.js';

const keepAliveMilliseconds = 60;
let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start({ limits: { keepAliveMilliseconds } });
  ({ token } = await proxy.connect(`${chatScope} model:openai/*`));
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const messagesPath = '/anthropic/v1/messages';
const streamPath = '/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
const json = (value: unknown): string => JSON.stringify(value);
const bodies = {
  openai: { model: 'gpt-4o-mini', messages: [], stream: true, stream_options: { include_usage: true } },
  anthropic: { model: 'claude-haiku-4-5', max_tokens: 9, messages: [], stream: true },
  google: { contents: [] },
};
const openaiEvents = [
  `data: ${json({ id: 'c', choices: [{ index: 0, delta: { content: 'Hi' } }] })}\n\n`,
  `data: ${json({ id: 'c', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } })}\n\ndata: [DONE]\n\n`,
];
const anthropicEvent = (data: { readonly type: string; readonly [member: string]: unknown }) =>
  `event: ${data.type}\ndata: ${json(data)}\n\n`;
const anthropicEvents = [
  anthropicEvent({
    type: 'message_start',
    message: { content: [], usage: { input_tokens: 1, output_tokens: 1 } },
  }) +
    anthropicEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
    anthropicEvent({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } }),
  anthropicEvent({ type: 'content_block_stop', index: 0 }) +
    anthropicEvent({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }) +
    anthropicEvent({ type: 'message_stop' }),
];
const googleEvents = [
  `data: ${json({ candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] } }] })}\r\n\r\n`,
  `data: ${json({ candidates: [{ content: { role: 'model', parts: [{ text: '!' }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 } })}\r\n\r\n`,
];

/** Sends each part after a silence of five keep-alive intervals. */
function sayAfterSilence(parts: readonly string[]): Behaviour {
  return (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const send = (index: number) => {
      const part = parts[index];
      if (part === undefined) return void response.end();
      response.write(part);
      setTimeout(send, 5 * keepAliveMilliseconds, index + 1);
    };
    setTimeout(send, 5 * keepAliveMilliseconds, 0);
  };
}

it('a stream tells nginx not to buffer it, and while the model is silent, keep-alives are sent, but only between events', async () => {
  const cases = [
    [chatPath, bodies.openai, openaiEvents, ': keep-alive\n\n'],
    [messagesPath, bodies.anthropic, anthropicEvents, 'event: ping\ndata: {"type": "ping"}\n\n'],
    [streamPath, bodies.google, googleEvents, '\n'],
  ] as const;
  for (const [path, body, [first = '', second = ''], sign] of cases) {
    // The first event comes in two pieces, with a silence between them.
    proxy.upstream.behaviour = sayAfterSilence([first.slice(0, 20), first.slice(20), second]);
    const answer = await proxy.post(path, body, token);
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    let rest = await answer.text();
    const take = (part: string) => {
      const isNext = rest.startsWith(part);
      if (isNext) rest = rest.slice(part.length);
      return isNext;
    };
    for (const event of [first, second]) {
      expect([path, take(sign)]).toEqual([path, true]);
      while (take(sign));
      expect([path, take(event)]).toEqual([path, true]);
    }
  }
});

it('the SDKs read a stream with keep-alives like any other', async () => {
  proxy.upstream.behaviour = sayAfterSilence(openaiEvents);
  const openai = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/openai/v1` });
  let text = '';
  for await (const { choices } of await openai.chat.completions.create({ ...bodies.openai, stream: true }))
    text += choices[0]?.delta.content ?? '';
  proxy.upstream.behaviour = sayAfterSilence(anthropicEvents);
  const anthropic = new Anthropic({ apiKey: token, baseURL: `${proxy.url}/anthropic` });
  const { stream: _stream, ...message } = bodies.anthropic;
  text += await anthropic.messages.stream(message).finalText();
  proxy.upstream.behaviour = sayAfterSilence(googleEvents);
  const google = new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: `${proxy.url}/google` } });
  for await (const chunk of await google.models.generateContentStream({ model: 'gemini-2.5-flash', contents: 'x' }))
    text += chunk.text ?? '';
  expect(text).toBe('HiHiHi!');
});

it('numbers reach the upstream as the client wrote them, including 64-bit integers and 1.0', async () => {
  const parameters =
    '{"type":"object","properties":{"id":{"minimum":1.0,"maximum":9223372036854775807,"const":1e400}}}';
  const text = `{"model":"gpt-4o-mini","seed":9223372036854775807,"temperature":1.0,"messages":[{"role":"user","content":"12345678901234567890"}],"max_tokens":5,"tools":[{"type":"function","function":{"name":"f","parameters":${parameters}}}]}`;
  expect((await proxy.post(chatPath, text, token)).status).toBe(200);
  const sent = proxy.upstream.last.body.toString();
  for (const part of [parameters, '"seed":9223372036854775807', '"temperature":1.0', '"12345678901234567890"'])
    expect(sent).toContain(part);
  const use = '{"type":"tool_use","id":"t","name":"f","input":{"x":1.50,"y":-0,"z":12345678901234567890}}';
  const turn = `{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[${use}]}]}`;
  expect((await proxy.post(messagesPath, turn, token)).status).toBe(200);
  expect(proxy.upstream.last.body.toString()).toContain(use);
});

it('a tool that probes its base URL without a token gets 200', async () => {
  for (const path of [
    '/',
    '/openai',
    '/openai/v1',
    '/openai/v1/',
    '/anthropic',
    '/anthropic/',
    '/google',
    '/google/v1beta',
  ])
    for (const method of ['HEAD', 'GET'])
      expect([path, method, (await fetch(`${proxy.url}${path}`, { method })).status]).toEqual([path, method, 200]);
  const head = { method: 'HEAD', headers: { authorization: `Bearer ${token}` } };
  expect((await fetch(`${proxy.url}/openai/v1/models`, head)).status).toBe(200);
  expect((await fetch(`${proxy.url}/openai/v1/nothing`, head)).status).toBe(404);
  expect((await fetch(`${proxy.url}/openai/v1/models`, { method: 'HEAD' })).status).toBe(401);
  expect(proxy.upstream.hits).toEqual([]);
});

it('the error code in a vendor’s 403 is shown to the app and is in the log, and the answer does not blame the provider key', async () => {
  const grant = await proxy.createGrant();
  await proxy.addProviderKey(grant.accountId, 'openai', 'sk-owner-0123456789abcdefghij');
  const own = await proxy.createToken(grant);
  const message = 'Project proj_AbCdEf123456 does not have access to model gpt-4o-mini.';
  const error = { message, type: 'invalid_request_error', param: null, code: 'model_not_found' };
  proxy.upstream.behaviour = answerJson({ error }, 403);
  const answer = await proxy.chat(own);
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([403, null]);
  expect(await answer.json()).toEqual({
    error: { ...error, message: '[removed] does not have access to model gpt-4o-mini.' },
  });
  expect(proxy.lines.some((line) => line.includes('"upstream_code":"model_not_found"'))).toBe(true);

  // The 403 can also be the HTML page of a CDN.
  proxy.upstream.behaviour = (_hit, response) => response.writeHead(403, { 'content-type': 'text/html' }).end('<p>no');
  expect((await proxy.post(messagesPath, { ...bodies.anthropic, stream: false }, token)).status).toBe(403);
});
