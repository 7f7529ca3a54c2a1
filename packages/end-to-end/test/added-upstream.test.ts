import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ClientApp } from './harness/client-app.js';
import { type Connection, connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { readLedger } from './harness/read-ledger.js';
import { prepareRevocation } from './harness/revocation.js';
import { operatorKey } from './harness/server-environments.js';
import { simulatedAnswer, startSimulatedUpstream } from './harness/simulated-upstream.js';
import { waitUntil } from './harness/wait-until.js';

/** The steps of docs/adding-an-upstream.md. */
const page = readFileSync(new URL('../../../../docs/adding-an-upstream.md', import.meta.url), 'utf8');
const text = page.replaceAll(/\s+/g, ' ');

function find(pattern: RegExp): string {
  const [, found] = pattern.exec(text) ?? [];
  if (found === undefined) throw new Error(`the page has no ${pattern}`);
  return found;
}

/** Step 1: the file of `PRICES_FILE`. */
const shown = JSON.parse(find(/```json (.*) ```/)) as {
  readonly upstreams: readonly [{ readonly name: 'acme'; readonly label: 'Acme AI' }];
  readonly models: readonly [{ readonly id: 'llama-4-70b' }];
};
/** The provider key of the operator, in place of `<key>`. */
const serviceKey = 'acme_that-serves-everyone-0123456789';
/** Step 2: the variables of one kind of server. */
function listVariables(server: 'authorization server' | 'resource proxy'): Readonly<Record<string, string>> {
  const found = text.matchAll(/`([A-Z_]+)=([^`]+)` at (?:both servers|the (authorization server|resource proxy))/g);
  return Object.fromEntries(
    [...found].flatMap(([, name = '', value = '', only = server]) =>
      only === server ? [[name, value.replace('<key>', serviceKey)]] : [],
    ),
  );
}
/** Step 3. */
const scope = find(/Apps ask for `([^`]+)`/);
const basePath = find(/use `([^`]+)` at the resource proxy/);

const [llama] = shown.models;
const mixtral = { ...llama, id: 'mixtral-9' };
const key = 'acme_of-this-owner-0123456789';
const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];

const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-upstreams-'));
const pricesFile = path.join(directory, 'prices.json');

let builtIn: LLMock;
let acme: LLMock;
let deployment: Deployment;
let owner: Owner;
let client: ClientApp;
let connection: Connection;

beforeAll(async () => {
  builtIn = await startSimulatedUpstream(operatorKey);
  acme = await startSimulatedUpstream(key, serviceKey);
  acme.prependFixture({
    match: { endpoint: 'chat', userMessage: 'slowly' },
    response: { content: 'word '.repeat(500) },
    latency: 50,
    chunkSize: 5,
  });
  const upstreams = [{ ...shown.upstreams[0], base_url: acme.url }];
  writeFileSync(pricesFile, JSON.stringify({ upstreams, models: [llama, mixtral] }));
  deployment = await startDeployment({
    upstreamUrl: builtIn.url,
    pricesFile,
    hasOperatorKeys: false,
    variables: () => ({
      'authorization-server': listVariables('authorization server'),
      'resource-proxy': listVariables('resource proxy'),
    }),
  });
  owner = await createOwner(deployment);
  client = await ClientApp.register(deployment, { name: 'Helpdesk' });
});

afterAll(async () => {
  await deployment?.stop();
  await Promise.all([builtIn?.stop(), acme?.stop()]);
  rmSync(directory, { recursive: true });
});

function createSdk({ accessToken } = connection): OpenAI {
  const baseURL = deployment.resourceProxyUrl + basePath;
  return new OpenAI({ baseURL, apiKey: accessToken, maxRetries: 0 });
}

it('the page docs/adding-an-upstream.md has at most ten lines that are not empty', () => {
  const lines = page.split('\n').filter((line) => line !== '');
  expect(lines.length).toBeLessThanOrEqual(10);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
});

it('requests of an owner without a provider key are sent with the operator’s provider key', async () => {
  const other = await connect(deployment, { owner: await createOwner(deployment), scope });
  const answer = await createSdk(other).chat.completions.create({ model: llama.id, messages });
  expect(answer.choices[0]?.message.content).toBe(simulatedAnswer);
});

it('an owner stores a provider key for the added provider under its label, and a provider key of another provider is refused', async () => {
  const wrong = await owner.addKey('acme', 'sk-proj-0123456789012345');
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('a key from OpenAI, not Acme AI')]);
  const stored = await owner.addKey('acme', key);
  expect([stored.status, stored.text]).toEqual([200, expect.stringContaining('Acme AI')]);
  expect(stored.text).toContain(key.slice(-4));
  expect(stored.html).not.toContain(key);
});

it('a client requests a model of the added provider, and the consent page shows the provider’s label', async () => {
  const metadata = await fetch(`${deployment.issuer}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({
    scopes_supported: expect.arrayContaining(['model:acme/llama-4-70b', 'model:acme/*']),
  });
  const { url } = await client.beginAuthorization(scope);
  expect((await owner.openConsent(url)).text).toContain('llama-4-70b (Acme AI)');
  connection = await connect(deployment, { owner, client, scope: `${scope} offline_access` });
  expect(connection.tokens.scope?.split(' ')).toEqual(expect.arrayContaining(scope.split(' ')));
});

// The ids at the beginning of titles are rows of docs/security.md.
it('X6: scopes of unknown providers and of unknown models are refused', async () => {
  for (const token of ['model:other/llama-4-70b', 'model:other/*', 'model:acme/llama-5', 'model:llama-4-70b']) {
    const { url } = await client.beginAuthorization(`${token} cap:chat`);
    const { leftTo } = await owner.open(url);
    expect([token, leftTo?.searchParams.get('error')]).toEqual([token, 'invalid_scope']);
    const proposed = await client.beginAuthorization('openid', {
      models: [token.slice('model:'.length)],
      capabilities: ['chat'],
    });
    const refused = await owner.open(proposed.url);
    expect([token, refused.leftTo?.searchParams.get('error')]).toEqual([token, 'invalid_authorization_details']);
  }
});

it('X6: the openai SDK streams from the added provider with the owner’s key, and the ledger has the cost at the price from the file', async () => {
  const sdk = createSdk();
  expect((await sdk.models.list()).data.map(({ id }) => id)).toEqual([llama.id]);
  let answer = '';
  for await (const chunk of await sdk.chat.completions.create({ model: llama.id, messages, stream: true }))
    answer += chunk.choices[0]?.delta.content ?? '';
  expect(answer).toBe(simulatedAnswer);
  expect(acme.getLastRequest()).toMatchObject({ path: '/v1/chat/completions', body: { model: llama.id } });
  // 11 tokens in and 22 out, at 3 and 7 dollars a million
  expect(await readLedger(deployment, connection.grantId)).toMatchObject([
    { model: llama.id, settlement: 'reported', cost: '187000' },
  ]);
});

it('X6: a model that is not granted, an operation that is not added, and the other providers are refused', async () => {
  const sdk = createSdk();
  const calls = acme.getRequests().length;
  await expect(sdk.chat.completions.create({ model: mixtral.id, messages })).rejects.toMatchObject({ status: 403 });
  await expect(sdk.chat.completions.create({ model: 'llama-5', messages })).rejects.toMatchObject({ status: 404 });
  await expect(sdk.responses.create({ model: llama.id, input: 'Hello?' })).rejects.toMatchObject({ status: 404 });
  const elsewhere = new OpenAI({
    baseURL: `${deployment.resourceProxyUrl}/openai/v1`,
    apiKey: connection.accessToken,
    maxRetries: 0,
  });
  await expect(elsewhere.chat.completions.create({ model: llama.id, messages })).rejects.toMatchObject({ status: 404 });
  expect(acme.getRequests()).toHaveLength(calls);
  expect(builtIn.getRequests()).toEqual([]);
});

it('a stream of the added provider is cut when the owner revokes the grant', async () => {
  const content = 'Answer slowly.';
  const stream = await createSdk().chat.completions.create({
    model: llama.id,
    messages: [{ role: 'user', content }],
    stream: true,
  });
  const revocation = await prepareRevocation(owner);
  let chunks = 0;
  const reading = (async () => {
    for await (const _ of stream) chunks += 1;
  })();
  const isCut = expect(reading).rejects.toThrow();
  await waitUntil(() => chunks > 2, 'the answer has begun');
  await revocation.send();
  await isCut;
  expect(chunks).toBeLessThan(500);
  await expect(createSdk().models.list()).rejects.toMatchObject({ status: 401 });
});
