import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import * as oauth4webapi from 'oauth4webapi';
import OpenAI, { toFile } from 'openai';
import * as openid from 'openid-client';
import { createBoundFetch } from './harness/bound-fetch.js';
import { ClientApp, type Tokens } from './harness/client-app.js';
import { createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { dumpDatabase } from './harness/dump-database.js';
import { encodeForm } from './harness/encode-form.js';
import type { Owner } from './harness/owner.js';
import { readWholeOutput } from './harness/read-whole-output.js';
import { answerChat, answerJson, RecordingUpstream } from './harness/recording-upstream.js';
import type { Fetch } from './harness/replica-fetch.js';

const scope = 'model:gpt-4o-mini model:whisper-1 model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat cap:audio';
const question = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hello?' }] };

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
let app: ClientApp;
let tokens: Tokens;
let keys: CryptoKeyPair;
/** The requests as they left the client. */
const sent: { readonly url: string; readonly init: RequestInit }[] = [];

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
  app = await ClientApp.register(deployment, { metadata: { dpop_bound_access_tokens: true } });
  keys = await oauth4webapi.generateKeyPair('ES256');
  tokens = await connectBound(keys);
}, 60_000);

beforeEach(() => {
  upstream.hits.length = 0;
  upstream.behaviour = answerChat;
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** Gets tokens through the code flow of openid-client. The tokens are bound to the client’s key. */
async function connectBound(pair: CryptoKeyPair): Promise<Tokens> {
  const authorization = await app.beginAuthorization(scope);
  return openid.authorizationCodeGrant(
    app.configuration,
    await owner.allow(authorization.url),
    { pkceCodeVerifier: authorization.codeVerifier, expectedState: authorization.state },
    undefined,
    { DPoP: openid.getDPoPHandle(app.configuration, pair) },
  );
}

let turn = 0;
/** Sends each request to the next replica, at the address that they share. */
const fetchInTurn: Fetch = async (input, init = {}) => {
  const request = { url: readUrl(input), init: await encodeForm(init) };
  sent.push(request);
  const proxy = deployment.resourceProxies[(turn += 1) % 2];
  if (proxy === undefined) throw new Error('there is no such replica');
  return proxy.fetch(request.url, request.init);
};

const readUrl = (input: Parameters<Fetch>[0]) => (input instanceof Request ? input.url : String(input));

const createFetch = (accessToken = tokens.access_token, pair = keys) =>
  createBoundFetch({
    accessToken: () => accessToken,
    proofs: oauth4webapi.DPoP({}, pair),
    fetch: fetchInTurn,
  });
const createOpenai = (options: ConstructorParameters<typeof OpenAI>[0] = {}) =>
  new OpenAI({
    baseURL: `${deployment.resourceProxyUrl}/openai/v1`,
    apiKey: 'not used',
    maxRetries: 0,
    fetch: createFetch(),
    ...options,
  });

it.each(['ES256', 'Ed25519', 'PS256'])(
  'openid-client gets tokens that are bound to its %s key, calls the proxy with them, refreshes them and revokes them',
  async (algorithm) => {
    const pair = await oauth4webapi.generateKeyPair(algorithm);
    const DPoP = openid.getDPoPHandle(app.configuration, pair);
    const first = await connectBound(pair);
    expect(first.token_type).toBe('dpop');
    const ask = async (accessToken: string) => {
      const url = new URL(`${deployment.resourceProxyUrl}/v1/grant`);
      const asking = openid.fetchProtectedResource(app.configuration, accessToken, url, 'GET', null, undefined, {
        DPoP,
      });
      return asking.then(
        ({ status }) => status,
        (error: unknown) => (error instanceof openid.WWWAuthenticateChallengeError ? error.status : error),
      );
    };
    expect(await ask(first.access_token)).toBe(200);
    const next = await openid.refreshTokenGrant(app.configuration, first.refresh_token ?? '', undefined, { DPoP });
    expect(await ask(next.access_token)).toBe(200);
    await app.revokeToken(next.refresh_token ?? '');
    expect([await ask(first.access_token), await ask(next.access_token)]).toEqual([401, 401]);
  },
);

it('OpenAI’s SDK works with a fetch that sends proofs: answers, streams, uploads and lists, over both replicas', async () => {
  const openai = createOpenai();
  for (let call = 0; call < 4; call += 1)
    expect((await openai.chat.completions.create(question)).choices[0]?.message.content).toBe('Hello.');
  upstream.behaviour = (_hit, response) => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' };
    const choices = [{ index: 0, delta: { content: 'word ' } }];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify({ ...chunk, choices })}\n\ndata: [DONE]\n\n`);
  };
  const words = [];
  for await (const { choices } of await openai.chat.completions.create({ ...question, stream: true }))
    words.push(choices[0]?.delta.content);
  expect(words).toContain('word ');
  upstream.behaviour = (_hit, response) => answerJson(response, 200, { text: 'hello' });
  const file = await toFile(Buffer.concat([Buffer.of(0xff, 0xfb, 0x90), Buffer.alloc(3_000)]), 'speech.mp3');
  expect(await openai.audio.transcriptions.create({ model: 'whisper-1', file })).toMatchObject({ text: 'hello' });
  const models = await openai.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(expect.arrayContaining(['gpt-4o-mini', 'whisper-1']));
  for (const { headers } of upstream.hits) {
    expect(headers['dpop']).toBeUndefined();
    expect(headers['authorization']).toMatch(/^Bearer sk-/);
  }
  expect(upstream.hits).toHaveLength(6);
});

it('Anthropic’s SDK works with the same fetch, and its retry is accepted because it has a new proof', async () => {
  let failures = 1;
  upstream.behaviour = (_hit, response) => {
    if (failures > 0) answerJson(response, 529, { type: 'error', error: { type: 'overloaded_error', message: 'x' } });
    else
      answerJson(response, 200, {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'Hello.' }],
        usage: { input_tokens: 3, output_tokens: 2 },
      });
    failures -= 1;
  };
  const anthropic = new Anthropic({
    baseURL: `${deployment.resourceProxyUrl}/anthropic`,
    apiKey: 'not used',
    maxRetries: 1,
    fetch: createFetch(),
  });
  const message = await anthropic.messages.create({
    model: 'claude-haiku-4-5',
    max_tokens: 16,
    messages: [{ role: 'user', content: 'Hello?' }],
  });
  expect(message.content).toEqual([expect.objectContaining({ text: 'Hello.' })]);
  expect(upstream.hits).toHaveLength(2);
});

it('Google’s SDK works with the same fetch', async () => {
  upstream.behaviour = (_hit, response) =>
    answerJson(response, 200, {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    });
  const httpOptions = { baseUrl: `${deployment.resourceProxyUrl}/google`, fetch: createFetch() };
  const google = new GoogleGenAI({ apiKey: 'not used', httpOptions });
  const answer = await google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello?' });
  expect(answer.text).toBe('Hello.');
  expect(upstream.hits[0]?.headers['dpop']).toBeUndefined();
});

// The ids at the beginning of titles are rows of docs/security.md.
it('N2: a bound token in the SDK’s own header is refused with a typed error that says what to do', async () => {
  const usual = createOpenai({ apiKey: tokens.access_token, fetch: fetchInTurn });
  const error = await usual.chat.completions.create(question).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(error).toMatchObject({ status: 401, code: 'invalid_token' });
  expect(String(error)).toContain('Send it as `Authorization: DPoP <token>`');
  expect(upstream.hits).toEqual([]);
});

it('N3: a stolen token with the thief’s own key is refused', async () => {
  const thief = createOpenai({ fetch: createFetch(tokens.access_token, await oauth4webapi.generateKeyPair('ES256')) });
  const error = await thief.chat.completions.create(question).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 401, code: 'invalid_dpop_proof' });
  expect(upstream.hits).toEqual([]);
});

it('N5: a copied request is refused at both replicas and after a restart; of 20 copies sent at once, one is accepted', async () => {
  const openai = createOpenai();
  await openai.chat.completions.create(question);
  const overheard = sent.at(-1);
  const replay = async (replica: number) => {
    const proxy = deployment.resourceProxies[replica];
    return (await proxy?.fetch(overheard?.url ?? '', overheard?.init))?.status;
  };
  expect([await replay(0), await replay(1)]).toEqual([401, 401]);
  await deployment.resourceProxies[0]?.stop();
  await deployment.resourceProxies[0]?.start();
  expect(await replay(0)).toBe(401);
  expect(upstream.hits).toHaveLength(1);

  let request: (typeof sent)[number] | undefined;
  const hold: Fetch = async (input, init) => {
    request = { url: readUrl(input), init: init ?? {} };
    return Response.json({});
  };
  const proofs = oauth4webapi.DPoP({}, keys);
  const holding = createOpenai({
    fetch: createBoundFetch({ accessToken: () => tokens.access_token, proofs, fetch: hold }),
  });
  await holding.chat.completions.create(question);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const proxy = deployment.resourceProxies[index % 2];
      return (await proxy?.fetch(request?.url ?? '', request?.init))?.status;
    }),
  );
  expect(answers.filter((status) => status === 200)).toHaveLength(1);
  expect(answers.filter((status) => status === 401)).toHaveLength(19);
  expect(upstream.hits).toHaveLength(2);
});

it('canary: no proof and no bound token is in a log or in the database', async () => {
  const secrets = new Set([tokens.access_token]);
  for (const { init } of sent) {
    const { dpop, authorization } = init.headers as Record<string, string>;
    if (dpop !== undefined) for (const part of [dpop, dpop.split('.')[2] ?? dpop]) secrets.add(part);
    secrets.add(authorization?.split(' ')[1] ?? tokens.access_token);
  }
  expect(secrets.size).toBeGreaterThan(15);
  const written = `${await readWholeOutput(deployment)}\n${await dumpDatabase(deployment.databaseUrl)}`;
  for (const secret of secrets) expect(written.includes(secret)).toBe(false);
  expect(written).toContain('"reason":"proof_used"');
});
