import { createUpstreamCatalogue } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { anthropicTools } from '../src/upstreams/anthropic/tools.js';
import { googleTools } from '../src/upstreams/google/tools.js';
import { openaiTools } from '../src/upstreams/openai/tools.js';
import { mp3Of } from './support/recording.js';
import { answerJson } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await TestProxy.start();
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const chat = '/openai/v1/chat/completions';
const responses = '/openai/v1/responses';
const messages = '/anthropic/v1/messages';
const generate = '/google/v1beta/models/gemini-2.5-flash:generateContent';
const paint = '/google/v1beta/models/gemini-2.5-flash-image:generateContent';

const address = 'https://example.com/a';
const said = (...content: object[]) => [{ role: 'user', content }];
const response = { model: 'gpt-5-mini', input: 'x' };
const message = { model: 'claude-haiku-4-5', max_tokens: 5, messages: [] };
const recording = { model: 'whisper-1', file: new Blob([mp3Of(12)]) };
const picture = { model: 'gpt-image-1', prompt: 'x', image: new Blob(['\x89PNG']) };

type Body = Record<string, unknown>;

/** A request that gets a 403, the granted scope, and the missing part of the scope. */
type Case = readonly [path: string, body: Body, granted: string, lacking: string];

const mini = 'model:gpt-5-mini cap:chat';
const haiku = 'model:claude-haiku-4-5 cap:chat';
const flash = 'model:gemini-2.5-flash cap:chat';
const web = 'cap:tools.web';

const ofOperations: readonly Case[] = [
  [chat, { model: 'gpt-4o', messages: [] }, 'model:gpt-4o-mini cap:chat', 'model:gpt-4o'],
  [chat, { model: 'gpt-4o', messages: [] }, 'model:gpt-4o cap:embeddings', 'cap:chat'],
  ['/openai/v1/completions', { model: 'gpt-3.5-turbo-instruct', prompt: 'x' }, 'model:openai/* cap:images', 'cap:chat'],
  [responses, response, 'model:gpt-5-mini cap:images', 'cap:chat'],
  ['/openai/v1/responses/input_tokens', response, 'model:gpt-5-mini cap:images', 'cap:chat'],
  ['/openai/v1/moderations', { input: 'x' }, 'model:openai/* cap:images', 'cap:chat'],
  [
    '/openai/v1/embeddings',
    { model: 'text-embedding-3-small', input: 'x' },
    'model:openai/* cap:chat',
    'cap:embeddings',
  ],
  ['/openai/v1/images/generations', { model: 'gpt-image-1', prompt: 'x' }, 'model:openai/* cap:chat', 'cap:images'],
  ['/openai/v1/images/edits', picture, 'model:openai/* cap:chat', 'cap:images'],
  ['/openai/v1/audio/speech', { model: 'tts-1', input: 'x', voice: 'ash' }, 'model:openai/* cap:chat', 'cap:audio'],
  ['/openai/v1/audio/transcriptions', recording, 'model:openai/* cap:chat', 'cap:audio'],
  ['/openai/v1/audio/translations', recording, 'model:openai/* cap:chat', 'cap:audio'],
  [messages, message, 'model:claude-haiku-4-5 cap:images', 'cap:chat'],
  [`${messages}/count_tokens`, message, 'model:claude-haiku-4-5 cap:images', 'cap:chat'],
  ['/anthropic/v1/chat/completions', { ...message }, 'model:claude-haiku-4-5 cap:images', 'cap:chat'],
  [generate, { contents: [] }, 'model:gemini-2.5-flash cap:images', 'cap:chat'],
  [generate.replace('generate', 'streamGenerate'), { contents: [] }, 'model:gemini-2.5-flash cap:images', 'cap:chat'],
  [generate.replace('generateContent', 'countTokens'), { contents: [] }, 'model:google/* cap:images', 'cap:chat'],
  [
    '/google/v1beta/models/gemini-embedding-001:embedContent',
    { content: {} },
    'model:google/* cap:chat',
    'cap:embeddings',
  ],
  [
    '/google/v1beta/models/gemini-embedding-001:batchEmbedContents',
    { requests: [] },
    'model:google/* cap:chat',
    'cap:embeddings',
  ],
  [
    '/google/v1beta/openai/chat/completions',
    { model: 'gemini-2.5-flash', messages: [] },
    'model:google/* cap:images',
    'cap:chat',
  ],
  [
    '/google/v1beta/openai/embeddings',
    { model: 'gemini-embedding-001', input: 'x' },
    'model:google/* cap:chat',
    'cap:embeddings',
  ],
];

const ofTools: readonly Case[] = [
  ...Object.entries(openaiTools.granted).map(([type, capability]): Case => {
    const tool = { type, ...(type === 'code_interpreter' && { container: { type: 'auto' } }) };
    return [responses, { ...response, tools: [tool] }, mini, `cap:${capability}`];
  }),
  ...Object.entries(anthropicTools.granted).map(
    ([type, capability]): Case => [
      messages,
      { ...message, tools: [{ type: `${type}_20250825`, name: type }] },
      haiku,
      `cap:${capability}`,
    ],
  ),
  ...Object.entries(googleTools.granted).map(
    ([kind, capability]): Case => [generate, { contents: [], tools: [{ [kind]: {} }] }, flash, `cap:${capability}`],
  ),
];

const ofFields: readonly Case[] = [
  [chat, { model: 'gpt-4o', messages: [], web_search_options: {} }, 'model:gpt-4o cap:chat', web],
  [chat, { model: 'gpt-4o-search-preview', messages: [] }, 'model:gpt-4o-search-preview cap:chat', web],
  [
    chat,
    { model: 'gpt-4o', messages: said({ type: 'image_url', image_url: { url: address } }) },
    'model:gpt-4o cap:chat',
    web,
  ],
  [responses, { ...response, input: said({ type: 'input_image', image_url: address }) }, mini, web],
  [responses, { ...response, input: said({ type: 'input_file', file_url: address }) }, mini, web],
  [messages, { ...message, messages: said({ type: 'image', source: { type: 'url', url: address } }) }, haiku, web],
  [generate, { contents: [{ parts: [{ fileData: { fileUri: address } }] }] }, flash, web],
  [paint, { contents: [] }, 'model:gemini-2.5-flash-image cap:chat', 'cap:images'],
  [
    paint,
    { contents: [], generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } },
    'model:gemini-2.5-flash-image cap:chat',
    'cap:images',
  ],
  [
    '/openai/v1/images/edits',
    { model: 'gpt-image-1', prompt: 'x', images: [{ image_url: address }] },
    'model:gpt-image-1 cap:images',
    web,
  ],
];

async function send(path: string, body: Body, token: string): Promise<Response> {
  if (!Object.values(body).some((value) => value instanceof Blob)) return proxy.post(path, body, token);
  const form = new FormData();
  for (const [name, value] of Object.entries(body))
    if (value instanceof Blob) form.append(name, value, 'a.wav');
    else form.append(name, String(value));
  return fetch(`${proxy.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form });
}

/** Sends a request that must be a 403, and reads the scope that the answer names. */
async function refuse(path: string, body: Body, scope: string): Promise<{ needed: string; message: string }> {
  const answer = await send(path, body, (await proxy.connect(scope)).token);
  const challenge = answer.headers.get('www-authenticate') ?? '';
  expect([scope, answer.status, challenge]).toEqual([scope, 403, expect.stringContaining('"insufficient_scope"')]);
  return { needed: / scope="([^"]+)"$/.exec(challenge)?.[1] ?? '', message: await answer.text() };
}

it.each([...ofOperations, ...ofTools, ...ofFields])(
  'RFC 6750, 3.1: %s with %j and the scope %s gets a 403, because %s is missing; it passes with the scope that the 403 names, and not with only a part of that scope',
  async (path, body, granted, lacking) => {
    const { needed, message } = await refuse(path, body, granted);
    expect(message).toContain(`The owner has not granted ${lacking}. The request needs the scope: ${needed}`);
    const tokens = needed.split(' ');
    for (const token of tokens) {
      const others = tokens.filter((other) => other !== token);
      expect((await refuse(path, body, others.join(' '))).needed).toBe(needed);
    }
    expect(proxy.upstream.hits).toEqual([]);
    const wide = await send(path, body, (await proxy.connect(needed)).token);
    expect([wide.status, await wide.text()]).toEqual([200, expect.anything()]);
    expect(proxy.upstream.hits).toHaveLength(1);
  },
);

it('RFC 6750, 3.1: a 403 for stored state names the scope that the operation and its body need, and with that scope the request passes', async () => {
  const accountId = await proxy.createAccount();
  await proxy.addProviderKey(accountId, 'openai', 'sk-proj-own0123456789abcdefghijkl');
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_image', image_url: address }] }];
  const create = async (scope: string) => {
    const token = await proxy.createToken(await proxy.createGrant({ accountId, scope }));
    return proxy.post('/openai/v1/conversations', { items: input }, token);
  };
  const needed = 'cap:chat cap:tools.web';
  for (const scope of ['cap:chat', web, 'cap:images']) {
    const answer = await create(scope);
    expect([scope, answer.status, answer.headers.get('www-authenticate')]).toEqual([
      scope,
      403,
      expect.stringMatching(`error="insufficient_scope".* scope="${needed}"$`),
    ]);
  }
  expect(proxy.upstream.hits).toEqual([]);
  proxy.upstream.behaviour = answerJson({ id: 'conv_1', object: 'conversation' });
  expect((await create(needed)).status).toBe(200);
});

it('every counted operation with a body has a case here, except picture variations', () => {
  const paths = ofOperations.map(([path]) => path.replace(/models\/[^:]+:/, 'models/{model}:'));
  const served = createUpstreamCatalogue().operations.filter(
    ({ kind }) => kind === 'json' || kind === 'form' || kind === 'upload',
  );
  const tried = new Set(served.filter(({ path }) => paths.includes(path)).map(({ form }) => form));
  const missing = served.filter(({ form }) => !tried.has(form)).map(({ path }) => path);
  // The model of this operation has a price only if the operator states one.
  expect([...new Set(missing)]).toEqual(['/openai/v1/images/variations']);
});

/**
 * Requests that lack a capability, and that are refused with every scope, because the named field has a value that has
 * no price or is not offered.
 */
const refusedWithEveryScope: readonly (readonly [
  path: string,
  body: Body,
  granted: string,
  all: string,
  field: string,
])[] = [
  [
    generate,
    { contents: [], generationConfig: { responseModalities: ['AUDIO'] } },
    flash,
    'cap:audio',
    'responseModalities',
  ],
  [
    generate,
    { contents: [], generationConfig: { responseModalities: ['IMAGE'] } },
    flash,
    'cap:images',
    'responseModalities',
  ],
  [chat, { model: 'o3-mini', messages: [], web_search_options: {} }, 'model:o3-mini cap:chat', web, 'webSearches'],
  [chat, { model: 'gpt-4o', messages: [], tools: [{ type: 'web_search' }] }, 'model:gpt-4o cap:chat', web, 'tools'],
  [
    responses,
    { model: 'o3-mini', input: 'x', tools: [{ type: 'web_search' }] },
    'model:o3-mini cap:chat',
    web,
    'webSearches',
  ],
];

it.each(refusedWithEveryScope)(
  'RFC 6750, 3.1: %s with %j and the scope %s gets a 400 and not a 403, because %s would not help',
  async (path, body, granted, all, field) => {
    for (const scope of [granted, `${granted} ${all}`]) {
      const answer = await send(path, body, (await proxy.connect(scope)).token);
      expect([scope, answer.status, answer.headers.get('www-authenticate')]).toEqual([scope, 400, null]);
      expect(await answer.text()).toContain(field);
    }
    expect(proxy.upstream.hits).toEqual([]);
  },
);

it('a chat with a prediction needs only the scope of a chat', async () => {
  const prediction = { type: 'content', content: 'x' };
  const { token } = await proxy.connect('model:gpt-4o cap:chat');
  expect((await send(chat, { model: 'gpt-4o', messages: [], prediction }, token)).status).toBe(200);
  expect(JSON.parse(proxy.upstream.last.body.toString())).toMatchObject({ prediction });
});
