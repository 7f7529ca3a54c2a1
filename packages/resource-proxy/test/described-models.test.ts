import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { sendRaw } from './support/send-raw.js';
import { TestProxy } from './support/test-proxy.js';
import { vendors } from './support/vendors.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start();
});
beforeEach(() => proxy.upstream.reset());
afterAll(() => proxy?.stop());

const ask = async (target: string, token: string, method = 'GET') => {
  const answer = await sendRaw(
    proxy.port,
    `${method} ${target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
  );
  const [, body = ''] = answer.text.split('\r\n\r\n');
  return { status: answer.status, body: JSON.parse(body) as Record<string, unknown> };
};

it.each(['openrouter', 'together', 'fireworks'])(
  '%s: a name with slashes is found, plain and encoded',
  async (name) => {
    const { model = '' } = vendors[name] ?? {};
    const { token } = await proxy.connect(`model:${name}/${model} cap:chat`);
    const sdk = new OpenAI({ apiKey: token, baseURL: `${proxy.url}/${name}/v1`, maxRetries: 0 });
    expect(await sdk.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
    for (const written of [model, encodeURIComponent(model), model.replaceAll('/', '%2f')]) {
      const { status, body } = await ask(`/${name}/v1/models/${written}`, token);
      expect([written, status, body['id']]).toEqual([written, 200, model]);
    }
  },
);

it('a model that is not allowed, or unknown, is a 404 in the format of the dialect, and nothing is forwarded', async () => {
  const { token } = await proxy.connect('model:openrouter/anthropic/claude-haiku-4.5 cap:chat');
  for (const written of ['openai/gpt-4o', 'openai%2Fgpt-4o', 'a/b/c/d', 'ft:gpt-4o:mine']) {
    const { status, body } = await ask(`/openrouter/v1/models/${written}`, token);
    expect([written, status, body['error']]).toEqual([
      written,
      404,
      expect.objectContaining({ code: 'model_not_found' }),
    ]);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.1: in the name of a described model, other encodings, dot segments and empty segments are unknown paths', async () => {
  const { token } = await proxy.connect('model:openrouter/anthropic/claude-haiku-4.5 cap:chat');
  for (const written of [
    'anthropic%252Fclaude-haiku-4.5',
    'anthropic/claude-haiku-4%2E5',
    'anthropic/../anthropic/claude-haiku-4.5',
    '../chat/completions',
    '..%2Fchat%2Fcompletions',
    'anthropic//claude-haiku-4.5',
    'anthropic/claude-haiku-4.5/',
    '/anthropic/claude-haiku-4.5',
    'anthropic%5Cclaude-haiku-4.5',
  ]) {
    for (const method of ['GET', 'POST']) {
      const { status, body } = await ask(`/openrouter/v1/models/${written}`, token, method);
      expect([written, method, status]).toEqual([written, method, 404]);
      expect(body['error']).toEqual(expect.not.objectContaining({ code: 'model_not_found' }));
    }
  }
  expect(proxy.upstream.hits).toEqual([]);
});
