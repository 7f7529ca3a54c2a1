import { nameModel } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chatStatus, postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { countBy } from './harness/count-by.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
let client: ClientApp;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
  client = await ClientApp.register(deployment);
});

beforeEach(() => {
  upstream.hits.length = 0;
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.4: a scope token that is not spelled exactly like a known one is refused without asking the owner', async () => {
  const lookalikes = [
    'model:gpt-4*',
    'model:gpt-4-',
    'model:gpt-4o-mini*',
    'model:*',
    'model:openai/gpt-*',
    'model:OpenAI/*',
    'model:openai/',
    'model:openai/*/*',
    'MODEL:gpt-4o-mini',
    'Model:gpt-4o-mini',
    'model:GPT-4o-mini',
    'model:gpt-4o-mini\u200b',
    'model:gpt%2D4o-mini',
    'model:gpt-4o-mini,gpt-4o',
    'model:',
    'model',
    'cap:*',
    'cap:Chat',
    'cap:chat,images',
    'cap:',
    'admin',
  ];
  for (const token of lookalikes) {
    const { url } = await client.beginAuthorization(`model:gpt-4o-mini cap:chat ${token}`);
    const { leftTo } = await owner.open(url);
    expect([token, leftTo?.searchParams.get('error')]).toEqual([token, 'invalid_scope']);
  }
});

it('3.4: model names are compared byte for byte: no prefix, other case, space or encoding matches', async () => {
  const { accessToken } = await connect(deployment, { owner, client });
  const names = [
    'gpt-4o',
    'gpt-4o-mini-audio-preview',
    'gpt-4o-mini-2024',
    'GPT-4o-mini',
    'gpt-4o-mini ',
    ' gpt-4o-mini',
    'gpt-4o-mini\u200b',
  ];
  for (const model of [...names, 'gpt%2D4o-mini', 'openai/gpt-4o-mini', 'gpt-4o-mini\u0000', 'gpt-4o-mini/../gpt-4o']) {
    const status = await chatStatus(deployment.resourceProxyUrl, accessToken, { ...smallChat, model });
    expect([model, status >= 400 && status < 500]).toEqual([model, true]);
  }
  expect(upstream.hits).toEqual([]);
});

it('the consent page shows an alias or an older model name as the app wrote it, and the app can call the model by that name', async () => {
  const names = [
    'gpt-3.5-turbo',
    'gpt-5-chat-latest',
    'chatgpt-4o-latest',
    'gpt-4o-audio-preview',
    'gpt-4o-2024-11-20',
    'claude-3-7-sonnet-latest',
    'gemini-flash-latest',
    'gemini-2.5-flash-image',
    'text-embedding-004',
  ];
  const scope = ['cap:chat', 'cap:embeddings', ...names.map((name) => `model:${name}`)].join(' ');
  const { url } = await client.beginAuthorization(scope);
  const { text } = await owner.openConsent(url);
  for (const name of names) expect(text).toContain(`${nameModel(name)} (`);
  expect(text).toContain('Right now, that should be Gemini 3.8 Flash');
  const { accessToken, tokens } = await connect(deployment, { owner, client, scope });
  expect(new Set(tokens.scope?.split(' '))).toEqual(new Set(scope.split(' ')));
  const answer = await postChat(deployment.resourceProxyUrl, accessToken, { ...smallChat, model: 'gpt-3.5-turbo' });
  expect([answer.status, answer.headers.get('aipassport-model')]).toEqual([200, 'gpt-3.5-turbo-0125']);
  expect(JSON.parse(upstream.hits[0]?.body ?? '{}')).toMatchObject({ model: 'gpt-3.5-turbo' });
});

it('3.4 R4: a client cannot raise its scope or its limits at refresh', async () => {
  const { tokens } = await connect(deployment, { owner, client, proposal: { max_requests: 5 } });
  await expect(
    client.refresh(tokens.refresh_token ?? '', { scope: 'model:gpt-4o-mini model:gpt-4o cap:chat cap:images' }),
  ).rejects.toMatchObject({ error: 'invalid_scope' });
  const details = JSON.stringify([
    { type: 'ai_access', models: ['gpt-4o'], capabilities: ['images'], max_requests: 999 },
  ]);
  await expect(client.refresh(tokens.refresh_token ?? '', { authorization_details: details })).rejects.toMatchObject({
    error: expect.stringMatching(/^invalid_(authorization_details|scope)$/),
  });
  const refreshed = await client.refresh(tokens.refresh_token ?? '');
  expect(refreshed.scope).toBe('model:gpt-4o-mini cap:chat');
  expect(refreshed['authorization_details']).toMatchObject([{ models: ['gpt-4o-mini'], max_requests: 5 }]);
});

it('3.4: two tokens of one grant, used at once on two proxies, share its request limit', async () => {
  const { tokens, accessToken } = await connect(deployment, {
    owner,
    client,
    changes: { fill: { max_requests: '20' } },
  });
  const other = (await client.refresh(tokens.refresh_token ?? '')).access_token;
  const statuses = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      chatStatus(deployment.resourceProxies[index % 2]?.url ?? '', index % 4 < 2 ? accessToken : other),
    ),
  );
  expect(countBy(statuses, String)).toEqual({ '200': 20, '402': 40 });
  expect(upstream.hits.length).toBe(20);
});

it('X2: objects that the provider stores for all users of a shared key cannot be read, listed, changed or referred to', async () => {
  const { accessToken } = await connect(deployment, { owner, client });
  const authorization = `Bearer ${accessToken}`;
  const stored = [
    ['GET', '/openai/v1/responses/resp_123'],
    ['GET', '/openai/v1/responses/resp_123/input_items'],
    ['POST', '/openai/v1/responses/resp_123/cancel'],
    ['DELETE', '/openai/v1/responses/resp_123'],
    ['GET', '/openai/v1/chat/completions'],
    ['GET', '/openai/v1/chat/completions/chatcmpl-123'],
    ['GET', '/openai/v1/files/file-123/content'],
    ['DELETE', '/openai/v1/files/file-123'],
    ['POST', '/openai/v1/batches'],
    ['GET', '/openai/v1/batches/batch_123'],
    ['GET', '/openai/v1/threads/thread_123/messages'],
    ['GET', '/openai/v1/assistants'],
    ['GET', '/openai/v1/vector_stores/vs_123'],
    ['GET', '/openai/v1/conversations/conv_123'],
    ['GET', '/openai/v1/containers/cntr_123'],
    ['GET', '/openai/v1/fine_tuning/jobs'],
    ['GET', '/anthropic/v1/messages/batches'],
    ['GET', '/anthropic/v1/files'],
    ['GET', '/google/v1beta/files'],
    ['GET', '/google/v1beta/cachedContents'],
  ] as const;
  for (const [method, path] of stored) {
    const { status } = await fetch(`${deployment.resourceProxyUrl}${path}`, { method, headers: { authorization } });
    expect([path, status === 404 || status === 405]).toEqual([path, true]);
  }
  const chained = [
    { previous_response_id: 'resp_123' },
    { conversation: 'conv_123' },
    { prompt: { id: 'pmpt_123' } },
    { background: true },
  ];
  for (const field of chained) {
    const { status } = await fetch(`${deployment.resourceProxyUrl}/openai/v1/responses`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini', input: 'Hi', ...field }),
    });
    expect([field, status]).toEqual([field, 400]);
  }
  expect(upstream.hits).toEqual([]);
  await fetch(`${deployment.resourceProxyUrl}/openai/v1/responses`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', input: 'Hi' }),
  });
  expect(JSON.parse(upstream.hits[0]?.body ?? '{}')).toMatchObject({ store: false });
});
