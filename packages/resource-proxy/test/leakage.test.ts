import { loadSpecification } from '@aipassport/contracts';
import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import OpenAI from 'openai';
import { answerJson } from './support/recording-upstream.js';
import { sendRaw } from './support/send-raw.js';
import { chatPath, operatorKey, TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect());
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const messagesPath = '/anthropic/v1/messages';
const message = { model: 'claude-haiku-4-5', max_tokens: 1, messages: [] };
const generatePath = '/google/v1beta/models/gemini-2.5-flash:generateContent';

async function read(answer: Response): Promise<string> {
  return `${JSON.stringify([...answer.headers])}${await answer.text()}`;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.3: an error about the provider key is answered with the proxy’s own text, and not as an error of the client’s token', async () => {
  const said = `Incorrect API key provided: ${operatorKey}. You can find your API key at https://platform.openai.com.`;
  const cases: [string, unknown, number, unknown][] = [
    [
      chatPath,
      { model: 'gpt-4o-mini', messages: [] },
      401,
      { error: { message: said, type: 'invalid_request_error', code: 'invalid_api_key' } },
    ],
    [
      messagesPath,
      message,
      401,
      { type: 'error', error: { type: 'authentication_error', message: `invalid x-api-key ${operatorKey}` } },
    ],
    [
      generatePath,
      { contents: [] },
      400,
      {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
          details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
        },
      },
    ],
    [
      generatePath,
      { contents: [] },
      403,
      {
        error: {
          code: 403,
          message: 'Requests from projects/1234567 are blocked.',
          status: 'PERMISSION_DENIED',
          details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_SERVICE_BLOCKED' }],
        },
      },
    ],
  ];
  for (const [path, body, status, error] of cases) {
    proxy.upstream.behaviour = answerJson(error, status);
    const answer = await proxy.post(path, body, token);
    expect([
      path,
      status,
      answer.status,
      answer.headers.get('x-should-retry'),
      answer.headers.get('www-authenticate'),
    ]).toEqual([path, status, 502, 'false', null]);
    const text = await read(answer);
    expect(text.toLowerCase()).toContain('provider_key_rejected');
    for (const secret of [operatorKey, 'proj_abc123', '1234567']) expect(text).not.toContain(secret);
  }
});

it('3.3: other errors keep their status, text and Retry-After, without provider keys and names of the owner’s account', async () => {
  const said = `Rate limit reached for gpt-4o in organization org-AbCdEf123456 on tokens (key ${operatorKey}, sk-...ab12, AIzaSyD-1234567, AQ.Ab8RN...4Xq, proj_ABCDEF123, owner@example.org).`;
  proxy.upstream.behaviour = answerJson(
    { error: { message: said, type: 'tokens', param: null, code: 'rate_limit_exceeded' }, secret: operatorKey },
    429,
    {
      'retry-after': '13',
      'retry-after-ms': '12500',
      'x-ratelimit-remaining-tokens': '5',
      'openai-organization': 'acme',
    },
  );
  const answer = await proxy.chat(token);
  expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('retry-after-ms')]).toEqual([
    429,
    '13',
    '12500',
  ]);
  const { error } = (await answer.json()) as { error: { message: string } };
  expect(error).toMatchObject({ type: 'tokens', code: 'rate_limit_exceeded', param: null });
  expect(error.message).toBe(
    'Rate limit reached for gpt-4o in organization [removed] on tokens (key [removed], [removed], [removed], [removed], [removed], [removed]).',
  );
  proxy.upstream.behaviour = answerJson(
    {
      error: {
        code: 429,
        message: 'Quota exceeded for quota metric',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', metadata: { consumer: 'projects/123456' } },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' },
        ],
      },
    },
    429,
  );
  expect(await (await proxy.post(generatePath, { contents: [] }, token)).json()).toEqual({
    error: {
      code: 429,
      message: 'Quota exceeded for quota metric',
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' }],
    },
  });
  proxy.upstream.behaviour = answerJson(
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' },
    529,
  );
  const overloaded = await proxy.post(messagesPath, message, token);
  expect([overloaded.status, await overloaded.json()]).toEqual([
    529,
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' },
  ]);
});

it('an upstream’s error that is not a JSON object, or is too large, is answered with a general text', async () => {
  for (const body of ['<html>nginx</html>', `{"error":{"message":"${'x'.repeat(200_000)}"}}`, '[]', '']) {
    proxy.upstream.behaviour = (_hit, response) => response.writeHead(500, { 'content-type': 'text/html' }).end(body);
    const answer = await proxy.chat(token);
    expect([answer.status, await answer.json()]).toEqual([
      500,
      {
        error: {
          message: 'The AI provider answered with an error.',
          type: 'server_error',
          param: null,
          code: 'upstream_unavailable',
        },
      },
    ]);
  }
});

it('3.3: a provider key in an answer is masked wherever the chunks divide it, and the answer keeps its length', async () => {
  const line = `data: {"choices":[{"delta":{"content":"your key is ${operatorKey}, s"}}]}\n\n`;
  const blotted = line.replace(operatorKey, '*'.repeat(operatorKey.length));
  for (let at = 0; at < line.length; at += 3) {
    proxy.upstream.behaviour = (_hit, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(line.slice(0, at));
      setTimeout(() => response.end(line.slice(at)), 2);
    };
    expect(await (await proxy.chat(token, { stream: true })).text()).toBe(blotted);
  }
  proxy.upstream.behaviour = answerJson({ key: operatorKey });
  const answer = await proxy.chat(token);
  expect(await answer.json()).toEqual({ key: '*'.repeat(operatorKey.length) });
});

it('S12, 3.3: only harmless headers of an upstream are passed on, and no answer may be cached', async () => {
  proxy.upstream.behaviour = answerJson({ ok: true }, 200, {
    'set-cookie': ['a=b', 'c=d'],
    'openai-organization': 'acme',
    'openai-project': 'proj_1',
    'openai-processing-ms': '12',
    'anthropic-organization-id': 'x',
    'x-request-id': 'req_upstream',
    'x-key': operatorKey,
    'cf-ray': 'x',
    server: 'x',
    'access-control-allow-origin': '*',
    'cache-control': 'public, max-age=600',
    etag: '"x"',
    'strict-transport-security': 'max-age=1',
    link: '<https://x>',
  });
  const answer = await proxy.chat(token);
  expect([...answer.headers.keys()].sort()).toEqual(
    [
      'aipassport-max-output-tokens',
      'aipassport-model',
      'cache-control',
      'connection',
      'content-type',
      'date',
      'keep-alive',
      'openai-processing-ms',
      'transfer-encoding',
      'x-content-type-options',
      'x-request-id',
      'x-upstream-request-id',
    ].sort(),
  );
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-upstream-request-id')).toBe('req_upstream');
  expect(answer.headers.get('x-request-id')).not.toBe('req_upstream');
  for (const path of ['/v1/grant', '/openai/v1/models', '/nowhere', '/health'])
    expect([
      path,
      (await fetch(`${proxy.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).headers.get(
        'cache-control',
      ),
    ]).toEqual([path, 'no-store']);
});

it('3.3: a provider key is sent in a header and never in a path, also to Google', async () => {
  await proxy.post(generatePath, { contents: [] }, token);
  expect(proxy.upstream.last.target).toBe('/v1beta/models/gemini-2.5-flash:generateContent');
  expect(proxy.upstream.last.headers['x-goog-api-key']).toBe(operatorKey);
});

it('S14: refusals have the vendor’s format, as in the specification, so that each SDK raises its typed error', async () => {
  const specification = loadSpecification('resource-proxy');
  const dialects: [string, string, unknown][] = [
    ['OpenAIError', chatPath, { model: 'gpt-4o', messages: [] }],
    ['AnthropicError', messagesPath, { ...message, model: 'claude-opus-5' }],
    ['GoogleError', '/google/v1beta/models/gemini-2.5-pro:generateContent', { contents: [] }],
    ['PlainError', '/v1/chat', {}],
  ];
  for (const [schema, path, body] of dialects) {
    const validate = specification.compile(`/components/schemas/${schema}`);
    for (const [by, sent] of [
      [token, body],
      ['nobody', body],
      [token, 'no JSON'],
    ] as const) {
      const answer = await proxy.post(path, sent, by);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect([schema, answer.status, validate(await answer.json())]).toEqual([schema, answer.status, undefined]);
    }
  }
  const sdks = (apiKey: string) => ({
    openai: new OpenAI({ baseURL: `${proxy.url}/openai/v1`, apiKey, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: `${proxy.url}/anthropic`, apiKey, maxRetries: 0 }),
    google: new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${proxy.url}/google` } }),
  });
  const known = sdks(token);
  const unknown = sdks('nobody');
  const ask = { model: 'gpt-4o-mini', messages: [] };
  await expect(unknown.openai.chat.completions.create(ask)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  await expect(unknown.anthropic.messages.create(message)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  await expect(
    unknown.google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'x' }),
  ).rejects.toMatchObject({ name: 'ApiError', status: 401 });
  await expect(known.openai.chat.completions.create({ ...ask, model: 'gpt-4o' })).rejects.toBeInstanceOf(
    OpenAI.PermissionDeniedError,
  );
  await expect(known.anthropic.messages.create({ ...message, model: 'claude-opus-5' })).rejects.toBeInstanceOf(
    Anthropic.PermissionDeniedError,
  );
  await expect(known.google.models.generateContent({ model: 'gemini-2.5-pro', contents: 'x' })).rejects.toBeInstanceOf(
    ApiError,
  );
  await expect(known.openai.chat.completions.create({ ...ask, n: 1_000 })).rejects.toMatchObject({
    status: 400,
    param: 'n',
  });
  await expect(known.anthropic.messages.create({ ...message, max_tokens: -1 })).rejects.toBeInstanceOf(
    Anthropic.BadRequestError,
  );
  await expect(known.anthropic.messages.create({ ...message, model: 'claude-99' })).rejects.toMatchObject({
    status: 404,
    errorCode: 'model_not_found',
  });
  const { requestID } = (await known.openai.chat.completions
    .create({ ...ask, model: 'gpt-4o' })
    .catch((error: unknown) => error)) as { requestID: string };
  expect(proxy.lines.some((line) => line.includes(`"request_id":"${requestID}"`))).toBe(true);
});

it('S14: an unexpected error is a 500 without details in the caller’s dialect, and is logged in full', async () => {
  const { db } = proxy.database;
  await db.schema.alterTable('provider_keys').renameTo('provider_keys_away').execute();
  // The proxy does not expect this error. A missing table would not do, because that counts as an outage.
  await sql`create function fail() returns setof integer language plpgsql as
    'begin raise exception ''provider_keys cannot be read today''; end'`.execute(db);
  await sql`create view provider_keys as select * from provider_keys_away
    union all select (jsonb_populate_record(null::provider_keys_away, '{}')).* from fail()`.execute(db);
  await sql`grant select on provider_keys to public`.execute(db);
  try {
    const answer = await proxy.chat(token);
    const text = await answer.text();
    expect([answer.status, JSON.parse(text)]).toEqual([
      500,
      {
        error: {
          message: 'An unexpected error happened in this service. Its log has the details.',
          type: 'server_error',
          param: null,
          code: 'server_error',
        },
      },
    ]);
    expect(
      proxy.lines.some((line) => line.includes('"event":"unexpected_error"') && line.includes('provider_keys')),
    ).toBe(true);
  } finally {
    await sql`drop view provider_keys`.execute(db);
    await db.schema.alterTable('provider_keys_away').renameTo('provider_keys').execute();
  }
  expect((await proxy.chat(token)).status).toBe(200);
});

it('G1, G4: each request is one log line with its grant, operation and outcome; neither the log nor an error contains content or secrets', async () => {
  const prompt = 'canary-prompt-123';
  proxy.upstream.behaviour = answerJson({ completion: 'canary-completion-456' });
  await proxy.chat(
    token,
    { messages: [{ role: 'user', content: prompt }] },
    { headers: { 'user-agent': 'canary-agent\u00e9', cookie: 'canary-cookie' } },
  );
  const refused = [
    await proxy.post('/openai/v1/canary-path?key=canary-key', {}, token),
    await proxy.post(chatPath, 'canary-no-json', token),
    await proxy.chat('canary-token'),
  ];
  for (const answer of refused) {
    const said = await read(answer);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    // the path may be in the address of the metadata
    for (const secret of ['canary-key', 'canary-no-json', 'canary-token', token]) expect(said).not.toContain(secret);
  }
  await proxy.chat(token, { model: 'canary-model' });
  await proxy.chat(token, { model: 'x\r\n{"event":"canary-forged"}\u001b[31m' });
  for (const line of proxy.lines) {
    expect(line.trimEnd()).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ event: expect.any(String), program: 'resource-proxy' });
  }
  const log = proxy.lines.join('');
  for (const secret of ['canary', token, token.split('.')[2] ?? '', operatorKey, 'proxy-client-secret'])
    expect([secret.slice(0, 8), log.includes(secret)]).toEqual([secret.slice(0, 8), false]);
  const answered = proxy.lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .find(({ reason, status }) => reason === 'answered' && status === 200);
  expect(answered).toMatchObject({
    event: 'proxied_request',
    status: 200,
    upstream: 'openai',
    operation: 'openai.chat/completions',
    client_id: 'client',
    grant_id: expect.any(String),
    duration_ms: expect.any(Number),
  });
});

it('H4: neither Host nor the headers of other proxies change an answer or what goes upstream, and two hosts are refused', async () => {
  const forged =
    'x-forwarded-host: evil.example\r\nx-forwarded-proto: gopher\r\nforwarded: host=evil.example;proto=gopher\r\n';
  const ask = (path: string, lines: string) =>
    sendRaw(proxy.port, `GET ${path} HTTP/1.1\r\n${lines}connection: close\r\n\r\n`);
  const metadata = '/.well-known/oauth-protected-resource';
  for (const path of ['/v1/grant', '/openai/v1/models', metadata, `${metadata}/openai/v1`, '/', '/nothing']) {
    const { status, text } = await ask(path, `host: evil.example\r\n${forged}`);
    expect([path, status > 0, /evil|gopher/.test(text)]).toEqual([path, true, false]);
  }
  const challenge = `resource_metadata="http://proxy.test${metadata}/v1/grant"`;
  expect((await ask('/v1/grant', `host: evil.example\r\n${forged}`)).text).toContain(challenge);
  expect((await ask(metadata, 'host: evil.example\r\n')).text).toContain('"resource":"http://proxy.test"');
  for (const lines of ['host: proxy.test\r\nhost: evil.example\r\n', ''])
    expect([lines, (await ask('/v1/grant', lines)).status]).toEqual([lines, 400]);
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [] });
  const head = `host: evil.example\r\n${forged}authorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  const served = await sendRaw(
    proxy.port,
    `POST ${chatPath} HTTP/1.1\r\n${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
  expect(served.status).toBe(200);
  expect(proxy.upstream.hits).toHaveLength(1);
  expect(JSON.stringify(proxy.upstream.hits)).not.toMatch(/evil|gopher/);
});
