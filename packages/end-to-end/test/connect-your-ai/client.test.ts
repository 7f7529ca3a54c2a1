import {
  AccessDeniedError,
  AccessRevokedError,
  AiClient,
  type Connection,
  type ConnectionTokens,
  LimitReachedError,
  ScopeMissingError,
  UnknownCallbackError,
} from '@aipassport/client';
import { waitPastMidnight } from '@aipassport/store/testing';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { generateKeyPair } from 'oauth4webapi';
import OpenAI from 'openai';
import { type ClientStack, redirectUri, register, startClientStack } from '../clients/support/stack.js';
import { answerChat, answerJson, streamForever } from '../harness/recording-upstream.js';

const scope = 'model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat';
const question = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hello?' }] };

let stack: ClientStack;
let keys: CryptoKeyPair;
/** A client with a secret, whose tokens are bound to a key. */
let client: AiClient;
/** The tokens that connections have saved. */
const saved: ConnectionTokens[] = [];
const save = (tokens: ConnectionTokens) => void saved.push(tokens);

beforeAll(async () => {
  stack = await startClientStack();
  const { client_id: clientId, client_secret: clientSecret } = await register(stack, { client_name: 'A shop' });
  keys = await generateKeyPair('ES256');
  const { issuer, resourceProxyUrl } = stack.deployment;
  client = new AiClient({ issuer, resourceProxyUrl, clientId, clientSecret, redirectUri, proofKeys: keys });
}, 60_000);
afterAll(() => stack?.stop());

async function connect(limits = {}, of = client): Promise<Connection> {
  const { url, pending } = await of.begin({ scope, limits });
  return of.finish(await stack.owner.allow(url), pending, { save });
}

function createOpenai({ fetch }: Connection): OpenAI {
  return new OpenAI({ baseURL: `${stack.deployment.resourceProxyUrl}/openai/v1`, apiKey: 'unused', fetch });
}

const catchError = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

it('the SDKs of all three vendors work with the library’s fetch, which sends the access token in place of their API key', async () => {
  expect(keys.privateKey.extractable).toBe(false);
  const connection = await connect();
  expect(connection.scope).toBe(scope);
  stack.upstream.behaviour = streamForever(5);
  const words = [];
  for await (const chunk of await createOpenai(connection).chat.completions.create({ ...question, stream: true })) {
    words.push(chunk.choices[0]?.delta.content);
    if (words.length === 3) break;
  }
  expect(words).toEqual(['word ', 'word ', 'word ']);
  stack.upstream.behaviour = (_hit, response) =>
    answerJson(response, 200, {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'Hello.' }],
      usage: { input_tokens: 3, output_tokens: 2 },
    });
  const { fetch } = connection;
  const baseURL = `${stack.deployment.resourceProxyUrl}/anthropic`;
  const message = await new Anthropic({ baseURL, apiKey: 'unused', fetch }).messages.create({
    model: 'claude-haiku-4-5',
    max_tokens: 16,
    messages: [{ role: 'user', content: 'Hello?' }],
  });
  expect(message.content).toEqual([expect.objectContaining({ text: 'Hello.' })]);
  stack.upstream.behaviour = (_hit, response) =>
    answerJson(response, 200, {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    });
  const baseUrl = `${stack.deployment.resourceProxyUrl}/google`;
  const answer = await new GoogleGenAI({ apiKey: 'unused', httpOptions: { baseUrl, fetch } }).models.generateContent({
    model: 'gemini-2.5-flash',
    contents: 'Hello?',
  });
  expect(answer.text).toBe('Hello.');
  stack.upstream.behaviour = answerChat;
});
beforeEach(waitPastMidnight);

it('concurrent requests share one refresh, shortly before the token expires and after a 401', async () => {
  const connection = await connect();
  const near = client.restore({ ...connection.tokens, accessTokenExpiresAt: Date.now() + 1_000 }, { save });
  saved.length = 0;
  const openai = createOpenai(near);
  await Promise.all(Array.from({ length: 8 }, () => openai.chat.completions.create(question)));
  expect(saved).toHaveLength(1);
  expect(near.tokens).toEqual(saved[0]);
  expect(near.tokens.refreshToken).not.toBe(connection.tokens.refreshToken);
  const broken = client.restore({ ...near.tokens, accessToken: `${near.tokens.accessToken}x` }, { save });
  const again = createOpenai(broken);
  await Promise.all(Array.from({ length: 8 }, () => again.chat.completions.create(question)));
  expect(saved).toHaveLength(2);
});

it.each([
  [{ maxCostUsd: '0.001' }, 'budget'],
  [{ maxCostUsdPerDay: '0.001' }, 'day_budget'],
  [{ maxCostUsdPerMonth: '0.001' }, 'month_budget'],
])('`explain` says that a 402 under a grant with the limits %j is due to the limit %s', async (limits, limit) => {
  const connection = await connect(limits);
  const long = { ...question, messages: [{ role: 'user' as const, content: 'word '.repeat(20_000) }] };
  const refused = await catchError(createOpenai(connection).chat.completions.create(long));
  expect(await connection.explain(refused)).toMatchObject({ code: 'limit_reached', limit });
});

it('a 402 is a typed error with the URL of the owner’s page, and the connection works again after the owner has allowed more', async () => {
  const connection = await connect({ maxRequests: 1 });
  const openai = createOpenai(connection);
  await openai.chat.completions.create(question);
  const error = await connection.explain(await catchError(openai.chat.completions.create(question)));
  expect(error).toBeInstanceOf(LimitReachedError);
  expect(error).toMatchObject({ limit: 'requests', isOfGrant: true });
  const pageUrl = error instanceof LimitReachedError ? (error.pageUrl ?? '') : '';
  expect(pageUrl).toContain(`${stack.deployment.issuer}/account/grants/`);
  const start = await client.beginRaise(connection.tokens.grantId, { limits: { maxRequests: 3 } });
  if (start === undefined) throw new Error('the server offers no change to grants');
  const callback = await stack.owner.allow(start.url);
  await openai.chat.completions.create(question);
  const raised = await client.finish(callback, start.pending, { save });
  expect(raised.tokens.grantId).toBe(connection.tokens.grantId);
  await createOpenai(raised).chat.completions.create(question);
});

it('a model or a capability that was not allowed is a typed error that names the whole scope that the request needs', async () => {
  const connection = await connect();
  const refused = catchError(createOpenai(connection).chat.completions.create({ ...question, model: 'gpt-4o' }));
  const error = await connection.explain(await refused);
  expect(error).toBeInstanceOf(ScopeMissingError);
  expect(error).toMatchObject({ scope: 'model:gpt-4o cap:chat' });
  const response = await connection.fetch(`${stack.deployment.resourceProxyUrl}/openai/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'text-embedding-3-small', input: 'x' }),
  });
  expect(await connection.explain(response)).toBeInstanceOf(ScopeMissingError);
});

it('after the owner has revoked the grant, the SDK is refused at once, and the reason is a typed error', async () => {
  const connection = await connect();
  const openai = createOpenai(connection);
  await openai.chat.completions.create(question);
  const { page } = await stack.owner.open(`/account/grants/${connection.tokens.grantId}`);
  await stack.owner.press(page, 'Remove access');
  for (const _call of [1, 2]) {
    const error = await catchError(openai.chat.completions.create(question));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(await connection.explain(error)).toBeInstanceOf(AccessRevokedError);
  }
});

it('after a client has revoked its grant, its tokens are refused', async () => {
  const connection = await connect();
  const { tokens } = connection;
  await connection.revoke();
  expect((await connection.fetch(`${stack.deployment.resourceProxyUrl}/v1/grant`)).status).toBe(401);
  const other = client.restore(tokens);
  const refused = await other.fetch(`${stack.deployment.resourceProxyUrl}/v1/grant`);
  expect([refused.status, await other.explain(refused)]).toEqual([401, expect.any(AccessRevokedError)]);
});

it('a denial, and a callback that belongs to another request, are typed errors', async () => {
  const { url, pending } = await client.begin({ scope });
  const denied = await stack.owner.deny(url);
  expect(await catchError(client.finish(denied, pending))).toBeInstanceOf(AccessDeniedError);
  const other = await client.begin({ scope });
  const callback = await stack.owner.allow(other.url);
  expect(await catchError(client.finish(callback, pending))).toBeInstanceOf(UnknownCallbackError);
  callback.searchParams.set('iss', 'https://attacker.example');
  expect(await catchError(client.finish(callback, other.pending))).toBeInstanceOf(UnknownCallbackError);
});

it('the token is sent to no server but the proxy', async () => {
  const connection = await connect();
  const { issuer, resourceProxyUrl } = stack.deployment;
  for (const url of [issuer, resourceProxyUrl.replace('127.0.0.1', 'localhost'), `${stack.upstream.url}/v1`])
    expect(await catchError(connection.fetch(url))).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining(resourceProxyUrl),
    });
  expect(stack.upstream.hits.map(({ headers }) => headers['authorization'])).not.toContain(
    expect.stringContaining(connection.tokens.accessToken),
  );
});
