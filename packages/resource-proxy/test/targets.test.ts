import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createUpstreamCatalogue } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { answerJson } from './support/recording-upstream.js';
import { sendRaw } from './support/send-raw.js';
import { chat, chatPath, chatScope, operatorKey, TestProxy } from './support/test-proxy.js';

const { operations } = createUpstreamCatalogue();
let proxy: TestProxy;
let token: string;
let elsewhere: { url: string; connections: number; close: () => void };

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect(`${chatScope} model:gpt-4.1`));
  const sink = createServer((_request, response) => response.end());
  elsewhere = { url: '', connections: 0, close: () => sink.close() };
  sink.on('connection', () => {
    elsewhere.connections += 1;
  });
  await new Promise<void>((resolve) => {
    sink.listen(0, '127.0.0.1', resolve);
  });
  elsewhere.url = `127.0.0.1:${(sink.address() as AddressInfo).port}`;
});

beforeEach(() => proxy.upstream.reset());

afterAll(async () => {
  elsewhere?.close();
  await proxy?.stop();
});

function request(target: string, body: unknown = chat, method = 'POST'): string {
  const text = method === 'POST' ? JSON.stringify(body) : '';
  return `${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.1: a request target with another host is refused', async () => {
  const targets: [string, number][] = [
    [`http://${elsewhere.url}${chatPath}`, 400],
    [`HTTP://${elsewhere.url}/`, 400],
    [`//${elsewhere.url}${chatPath}`, 404],
    [`/\\${elsewhere.url}${chatPath}`, 404],
    [`/openai//${elsewhere.url}/v1/chat/completions`, 404],
    [`/openai/v1//chat/completions`, 404],
    [`/openai/v1/chat/completions@${elsewhere.url}`, 404],
    ['*', 400],
  ];
  for (const [target, status] of targets) {
    const answer = await sendRaw(proxy.port, request(target));
    expect([target, answer.status]).toEqual([target, status]);
  }
  expect(proxy.upstream.hits).toEqual([]);
  expect(elsewhere.connections).toBe(0);
});

it('3.1: encodings, dot segments, parameters, case and trailing slashes do not match another path', async () => {
  const targets = [
    '/openai/v1/chat/%63ompletions',
    '/openai/v1/chat%2fcompletions',
    '/openai/v1/%2e%2e/v1/chat/completions',
    '/openai/v1/../v1/chat/completions',
    '/openai/v1/.%2e/v1/chat/completions',
    '/openai/v1/..%2fv1/chat/completions',
    '/openai/v1/%252e%252e/v1/chat/completions',
    '/openai/v1/chat/completions;a=b',
    '/openai/v1/chat/completions%00',
    '/openai/v1/chat/completions%09',
    '/openai/v1/chat/completions#frag',
    '/openai/v1/chat/completions/',
    '/openai/v1/Chat/completions',
    '/OpenAI/v1/chat/completions',
    '/google/v1beta/models/../models/gemini-2.5-flash:generateContent',
    '/google/v1beta/models/gemini-2.5-flash%3AgenerateContent',
    '/google/v1beta/models/gemini%2D2.5-flash:generateContent',
    '/google/v1beta/models/a/b:generateContent',
    '/google/v1beta/models/evil.com#:generateContent',
    '/google/v1beta/models/a@b:generateContent',
    '/google/v1beta/models/:generateContent',
    `/google/v1beta/models/${'a'.repeat(129)}:generateContent`,
    '/google/v1beta/models/gemini-2.5-flash:generatecontent',
    '/google/v1beta/models/gemini-2.5-flash:x:generateContent',
  ];
  for (const target of targets) {
    const answer = await sendRaw(proxy.port, request(target, target.startsWith('/google') ? { contents: [] } : chat));
    expect([target, answer.status]).toEqual([target, 404]);
  }
  expect((await sendRaw(proxy.port, request('/openai/v1/chat/completions\t'))).status).toBe(400);
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.1: a value with a line feed is refused, and not read as several values of a parameter', async () => {
  const items = '/openai/v1/responses/resp_unknown/input_items';
  const send = async (query: string) =>
    (await sendRaw(proxy.port, request(`${items}?${query}`, undefined, 'GET'))).status;
  expect(await send('after=one%0Atwo')).toBe(400);
  expect(await send('after=one&after=two')).toBe(400);
  expect(await send('include[]=one&include[]=two')).toBe(404);
});

it('3.1: each operation reads the model from one place; elsewhere, a model is ignored or refused', async () => {
  expect((await proxy.post(`${chatPath}?model=gpt-4o-mini`, { ...chat, model: 'gpt-4o' }, token)).status).toBe(403);
  const query = await proxy.post(`${chatPath}?model=gpt-4o&beta=true`, chat, token);
  expect([query.status, query.headers.get('aipassport-dropped')]).toEqual([200, 'model, beta']);
  expect(proxy.upstream.last.target).toBe('/v1/chat/completions');
  proxy.upstream.reset();
  const google = '/google/v1beta/models/gemini-2.5-flash:generateContent';
  expect((await proxy.post(google, { contents: [], model: 'models/gemini-2.5-pro' }, token)).status).toBe(400);
  expect(proxy.upstream.hits).toEqual([]);
  expect((await proxy.chat(token, {}, { headers: { 'x-model': 'gpt-4o', 'openai-model': 'gpt-4o' } })).status).toBe(
    200,
  );
  expect(JSON.parse(proxy.upstream.last.body.toString())).toMatchObject({ model: 'gpt-4o-mini' });
  expect(proxy.upstream.last.headers).not.toHaveProperty('x-model');
});

it('3.1: a model in a nested Google request must be the same as in the path', async () => {
  const embed = await proxy.connect(
    'model:gemini-embedding-001 model:gemini-embedding-2 cap:embeddings cap:chat model:gemini-2.5-flash',
  );
  const send = (target: string, body: unknown) => proxy.post(`/google/v1beta/models/${target}`, body, embed.token);
  const part = { content: { parts: [{ text: 'x' }] } };
  const requests = [
    { ...part, model: 'models/gemini-embedding-001' },
    { ...part, model: 'models/gemini-embedding-2' },
  ];
  expect((await send('gemini-embedding-001:batchEmbedContents', { requests })).status).toBe(400);
  const nested = { generateContentRequest: { model: 'models/gemini-2.5-pro', contents: [] } };
  expect((await send('gemini-2.5-flash:countTokens', nested)).status).toBe(400);
  expect(
    (await send('gemini-2.5-flash:countTokens', { generate_content_request: nested.generateContentRequest })).status,
  ).toBe(400);
  expect(proxy.upstream.hits).toEqual([]);
  expect((await send('gemini-embedding-001:batchEmbedContents', { requests: [requests[0]] })).status).toBe(200);
  expect(proxy.upstream.last.target).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
});

it('3.1: a redirect of an upstream is an error and is not followed', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    proxy.upstream.behaviour = answerJson({}, status, { location: `http://${elsewhere.url}/` });
    const answer = await proxy.chat(token);
    expect([status, answer.status, answer.headers.get('location')]).toEqual([status, 502, null]);
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_unavailable' } });
  }
  expect(elsewhere.connections).toBe(0);
});

it('3.1: fields that choose an upstream, a provider key or headers are left out at the top level, and refused below', async () => {
  const names = ['api_base', 'base_url', 'api_key', 'extra_headers', 'extra_body', 'apiKey', 'baseURL'];
  for (const name of names) {
    const top = await proxy.chat(token, { [name]: 'canary' });
    expect([name, top.status, top.headers.get('aipassport-dropped')]).toEqual([name, 200, name]);
    expect(proxy.upstream.last.body.toString()).not.toContain('canary');
    const nested = await proxy.chat(token, {
      messages: [{ role: 'user', content: 'x', some_config: { [name]: 'x' } }],
    });
    expect([name, nested.status, await nested.json()]).toMatchObject([
      name,
      400,
      { error: { param: `messages[0].some_config.${name}`, message: expect.stringContaining('Leave it out') } },
    ]);
  }
  expect(proxy.upstream.hits).toHaveLength(names.length);
});

it('the 404 points to the client guide, which lists every operation that is served', async () => {
  const guide = readFileSync(new URL('../../../../docs/client-guide.md', import.meta.url), 'utf8');
  const table = readFileSync(new URL('../../../../docs/upstreams.md', import.meta.url), 'utf8');
  const list = guide.slice(guide.indexOf('## What is served'), guide.indexOf('## What a request may contain')) + table;
  expect(list).toContain('](upstreams.md)');
  for (const { method, path } of operations)
    expect(list).toContain(`\`${method} ${path.replace('/google/v1/', '/google/v1beta/')}\``);
  const answer = await fetch(`${proxy.url}/openai/v1/fine_tuning/jobs`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('What is served')]);
});

it('3.1: names such as api_key are allowed in the client’s own data', async () => {
  const tool = {
    type: 'function',
    function: { name: 'f', parameters: { type: 'object', properties: { api_key: {}, constructor: {}, base_url: {} } } },
  };
  expect((await proxy.chat(token, { tools: [tool] })).status).toBe(200);
  expect(JSON.parse(proxy.upstream.last.body.toString())).toMatchObject({ tools: [tool] });
});

it('3.1: every operation of the table needs a token, and nothing outside of the table is served', async () => {
  for (const { method, path } of operations) {
    const answer = await fetch(`${proxy.url}${path.replace('{model}', 'gpt-4o').replaceAll('{id}', 'name_1')}`, {
      method,
    });
    expect([path, answer.status]).toEqual([path, 401]);
  }
  for (const path of [
    '/v1/chat/completions',
    '/openai/v1/uploads',
    '/openai/v1/batches',
    '/openai/v1/realtime',
    '/anthropic/v1/messages/batches',
    '/anthropic/v1/files',
    '/google/v1beta/files',
    '/google/v1beta/cachedContents',
    '/anthropic/v1/models/a/b',
    '/admin',
  ]) {
    expect([path, (await proxy.post(path, chat, token)).status]).toEqual([path, 404]);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('H2: other methods are refused with a list of the allowed ones, and nothing is forwarded', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
    const answer = await fetch(`${proxy.url}${chatPath}`, { method, headers: { authorization: `Bearer ${token}` } });
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'POST']);
  }
  expect((await sendRaw(proxy.port, request(chatPath, chat, 'TRACE'))).status).toBe(405);
  expect((await sendRaw(proxy.port, request('/v1/grant', chat, 'TRACE'))).status).toBe(405);
  expect((await sendRaw(proxy.port, request(`${elsewhere.url}`, chat, 'CONNECT'))).status).toBe(405);
  expect((await sendRaw(proxy.port, request(chatPath, chat, 'BREW'))).status).toBe(400);
  expect(elsewhere.connections).toBe(0);
  expect(proxy.upstream.hits).toEqual([]);
});

it('Google’s paths are served under the version that its SDK uses and the version in its documentation', async () => {
  for (const version of ['v1', 'v1beta']) {
    const target = `/google/${version}/models/gemini-2.5-flash:streamGenerateContent?alt=sse`;
    expect((await proxy.post(target, { contents: [] }, token)).status).toBe(200);
    expect(proxy.upstream.last.target).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
    expect(proxy.upstream.last.headers['x-goog-api-key']).toBe(operatorKey);
  }
  expect(
    (await proxy.post('/google/v1/models/gemini-2.5-flash:streamGenerateContent?alt=proto', { contents: [] }, token))
      .status,
  ).toBe(400);
  expect(
    (
      await proxy.post(
        '/google/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse&alt=sse',
        { contents: [] },
        token,
      )
    ).status,
  ).toBe(400);
});
