import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chatPath, TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await TestProxy.start();
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

// The ids at the beginning of titles are rows of docs/security.md.
it('S5: if scope is missing, the answer is a 403 that names all scope that the request needs, and nothing is forwarded', async () => {
  const cases: [string, Record<string, unknown>, string, string][] = [
    ['model:gpt-4o-mini cap:chat', { model: 'gpt-4o' }, chatPath, 'model:gpt-4o cap:chat'],
    ['model:gpt-4o-mini cap:embeddings', {}, chatPath, 'model:gpt-4o-mini cap:chat'],
    ['model:gpt-4o-mini cap:embeddings', { model: 'gpt-4o' }, chatPath, 'model:gpt-4o cap:chat'],
    [
      'model:text-embedding-3-small cap:chat',
      { model: 'text-embedding-3-small', input: 'x' },
      '/openai/v1/embeddings',
      'model:text-embedding-3-small cap:embeddings',
    ],
  ];
  for (const [scope, body, path, needed] of cases) {
    const { token, grant } = await proxy.connect(scope);
    const answer = await proxy.post(
      path,
      path === chatPath ? { messages: [], model: 'gpt-4o-mini', ...body } : body,
      token,
    );
    expect([scope, answer.status]).toEqual([scope, 403]);
    expect(answer.headers.get('www-authenticate')).toContain(`error="insufficient_scope"`);
    expect(answer.headers.get('www-authenticate')).toContain(`scope="${needed}"`);
    expect(await proxy.readUsedRequests(grant.id)).toBe(0);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.4: a model must equal the granted one byte for byte', async () => {
  const { token } = await proxy.connect('model:gpt-4o cap:chat');
  const lookAlikes = [
    'gpt-4o ',
    ' gpt-4o',
    'GPT-4o',
    'gpt-4o\u200b',
    'gpt-4o\u0000',
    'gpt%2d4o',
    'gpt-4',
    'gpt-4o-2024-05-13',
    'gpt-4o-2024-08',
    'gpt-4o-mini',
    'gpt-4*',
    '*',
    'openai/gpt-4o',
    'openai/*',
    'models/gpt-4o',
    'model:gpt-4o',
    'gpt‑4o',
    'gpt-4o/../gpt-4.1',
    'gpt-4o,gpt-4.1',
    ['gpt-4o'],
    { id: 'gpt-4o' },
    null,
    '',
  ];
  for (const model of lookAlikes) {
    const { status } = await proxy.chat(token, { model });
    expect([model, [400, 403, 404].includes(status)]).toEqual([model, true]);
  }
  expect(proxy.upstream.hits).toEqual([]);
  expect((await proxy.chat(token, { model: 'gpt-4o' })).status).toBe(200);
});

it('3.4: unknown or incomplete scope grants nothing', async () => {
  const grant = await proxy.createGrant({ scope: 'model:gpt-4o cap:chat' });
  const scopes = [
    'model:gpt-4* cap:chat',
    'MODEL:gpt-4o CAP:chat',
    'model:gpt-4o\u200b cap:chat',
    'model:* cap:*',
    'model:openai/gpt-4* cap:chat',
    'model:anthropic/* cap:chat',
    'model:gpt-4o,cap:chat',
    'cap:chat',
    'model:gpt-4o',
    '',
  ];
  for (const scope of scopes) {
    const token = await proxy.createToken(grant, { claims: { scope } });
    expect([scope, (await proxy.chat(token, { model: 'gpt-4o' })).status]).toEqual([scope, 403]);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('a scope for all models of an upstream covers only that upstream’s known models', async () => {
  const { token } = await proxy.connect('model:openai/* cap:chat cap:embeddings');
  for (const model of ['gpt-4o', 'gpt-4.1', 'o3']) expect((await proxy.chat(token, { model })).status).toBe(200);
  expect((await proxy.chat(token, { model: 'gpt-99' })).status).toBe(404);
  expect((await proxy.chat(token, { model: 'text-embedding-3-small' })).status).toBe(400);
  expect(
    (await proxy.post('/anthropic/v1/messages', { model: 'claude-opus-5', max_tokens: 1, messages: [] }, token)).status,
  ).toBe(403);
  expect(
    (await proxy.chat((await proxy.connect('model:openai/gpt-4o cap:chat')).token, { model: 'gpt-4o' })).status,
  ).toBe(200);
});

it('S5: cap:images allows no operation of another capability', async () => {
  const { token } = await proxy.connect('model:openai/* model:google/* cap:images');
  const calls: [string, unknown][] = [
    [chatPath, { model: 'gpt-4o', messages: [] }],
    ['/openai/v1/responses', { model: 'gpt-4o', input: 'x' }],
    ['/openai/v1/embeddings', { model: 'text-embedding-3-small', input: 'x' }],
    ['/openai/v1/audio/speech', { model: 'tts-1', input: 'x', voice: 'alloy' }],
    ['/google/v1beta/models/gemini-2.5-flash:generateContent', { contents: [] }],
    ['/google/v1beta/models/gemini-2.5-flash:countTokens', { contents: [] }],
    ['/google/v1beta/models/gemini-embedding-001:embedContent', { content: {} }],
  ];
  for (const [path, body] of calls) expect([path, (await proxy.post(path, body, token)).status]).toEqual([path, 403]);
  expect(proxy.upstream.hits).toEqual([]);
  expect((await proxy.post('/openai/v1/images/generations', { model: 'gpt-image-1', prompt: 'x' }, token)).status).toBe(
    200,
  );
});

it('lists of models show the allowed models, page by page, in each vendor’s format', async () => {
  const { token } = await proxy.connect(
    'model:openai/* model:claude-opus-5 model:claude-haiku-4-5 model:google/* cap:chat',
  );
  const get = async (path: string) => (await fetch(`${proxy.url}${path}`, { headers: { 'x-api-key': token } })).json();
  expect(await get('/openai/v1/models')).toMatchObject({
    object: 'list',
    data: expect.arrayContaining([{ id: 'gpt-4o', object: 'model', created: 0, owned_by: 'openai' }]),
  });
  expect(await get('/anthropic/v1/models?limit=1')).toMatchObject({
    data: [{ type: 'model', id: 'claude-haiku-4-5' }],
    has_more: true,
    last_id: 'claude-haiku-4-5',
  });
  expect(await get('/anthropic/v1/models?limit=1&after_id=claude-haiku-4-5')).toMatchObject({
    data: [{ id: 'claude-opus-5' }],
    has_more: false,
  });
  expect(await get('/anthropic/v1/models?before_id=claude-opus-5')).toMatchObject({
    data: [{ id: 'claude-haiku-4-5' }],
    has_more: false,
  });
  const names: string[] = [];
  for (let pageToken = ''; ; ) {
    const page = (await get(`/google/v1beta/models?pageSize=5&pageToken=${pageToken}`)) as {
      models: { name: string }[];
      nextPageToken?: string;
    };
    names.push(...page.models.map(({ name }) => name));
    if (page.nextPageToken === undefined) break;
    pageToken = page.nextPageToken;
  }
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('models/gemini-2.5-flash');
  expect(await get('/anthropic/v1/models/claude-opus-4-1')).toMatchObject({
    type: 'error',
    error: { type: 'not_found_error' },
  });
  expect(await get('/openai/v1/models/gpt-4o')).toMatchObject({ id: 'gpt-4o' });
  expect(await get('/anthropic/v1/models?limit=0')).toMatchObject({ error: { type: 'invalid_request_error' } });
  expect(proxy.upstream.hits).toEqual([]);
});
