import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Client } from 'pg';
import { postChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { type Connection, connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { readLedger } from './harness/read-ledger.js';
import { operatorKey } from './harness/server-environments.js';
import { simulatedAnswer, startSimulatedUpstream } from './harness/simulated-upstream.js';

const ownModel = {
  upstream: 'openai',
  id: 'ft:gpt-4.1:acme:A1b2',
  capabilities: ['chat'],
  context_window: 32_000,
  max_output_tokens: 4_000,
  prices: { input_mtok: 3, output_mtok: 7 },
};
const ownToken = `model:openai/${ownModel.id}`;
const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];

const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-prices-'));
const pricesFile = path.join(directory, 'prices.json');
const writePrices = (document: unknown) => writeFileSync(pricesFile, JSON.stringify(document));

let upstream: LLMock;
let deployment: Deployment;
let owner: Owner;
let client: ClientApp;
let connection: Connection;

beforeAll(async () => {
  writePrices({ models: [ownModel], discounts: [{ upstream: 'openai', model: ownModel.id, percent: 50 }] });
  upstream = await startSimulatedUpstream(operatorKey);
  deployment = await startDeployment({ upstreamUrl: upstream.url, pricesFile });
  owner = await createOwner(deployment);
  client = await ClientApp.register(deployment, { name: 'Helpdesk' });
  connection = await connect(deployment, { owner, client, scope: `${ownToken} cap:chat` });
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
  rmSync(directory, { recursive: true });
});

function createSdk(): OpenAI {
  const { accessToken } = connection;
  return new OpenAI({ baseURL: `${deployment.resourceProxyUrl}/openai/v1`, apiKey: accessToken, maxRetries: 0 });
}

async function askFor(scope: string): Promise<string | null | undefined> {
  const { url } = await client.beginAuthorization(scope);
  return (await owner.open(url)).leftTo?.searchParams.get('error');
}

async function readJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${connection.accessToken}` } });
  return (await response.json()) as Record<string, unknown>;
}

it('a model that the operator adds is in the metadata of the authorization server', async () => {
  expect(await readJson(`${deployment.issuer}/.well-known/oauth-authorization-server`)).toMatchObject({
    scopes_supported: expect.arrayContaining([ownToken, 'model:gpt-4o']),
  });
});

it('the consent page names the model, and it can be granted by scope or by authorization_details', async () => {
  const { url } = await client.beginAuthorization(`${ownToken} cap:chat`);
  expect((await owner.openConsent(url)).text).toContain(`${ownModel.id} (OpenAI)`);
  expect(connection.tokens.scope?.split(' ')).toContain(ownToken);
  expect(await readJson(`${deployment.resourceProxyUrl}/v1/grant`)).toMatchObject({ scope: `${ownToken} cap:chat` });
  const proposal = { models: [`openai/${ownModel.id}`], capabilities: ['chat'] };
  const other = await connect(deployment, { owner, client, scope: 'offline_access', proposal });
  expect(other.tokens.authorization_details).toMatchObject([{ models: [`openai/${ownModel.id}`] }]);
});

it('the openai SDK lists and calls the model, and the ledger has the price of the file, less the discount', async () => {
  const sdk = createSdk();
  const listed = await sdk.models.list();
  expect(listed.data.map(({ id }) => id)).toEqual([ownModel.id]);
  const completion = await sdk.chat.completions.create({ model: ownModel.id, messages });
  expect(completion.choices[0]?.message.content).toBe(simulatedAnswer);
  const sent = upstream.getLastRequest()?.body as { model?: string; max_completion_tokens?: number } | undefined;
  expect(sent).toMatchObject({ model: ownModel.id, max_completion_tokens: ownModel.max_output_tokens });

  const rows = await readLedger(deployment, connection.grantId);
  // 11 tokens in and 22 out, at half of 3 and 7 dollars a million
  expect(rows).toMatchObject([{ model: ownModel.id, settlement: 'reported', cost: '93500' }]);
  expect(rows[0]?.catalogue_version).toMatch(/^genai-prices@[\d.]+\+overrides:[0-9a-f]{8}$/);
});

it('a model that is in no list, or is named without its provider’s prefix or with another one, is refused', async () => {
  for (const token of [
    `model:${ownModel.id}`,
    `model:anthropic/${ownModel.id}`,
    'model:openai/ft:gpt-4.1:acme',
    'model:openai/unheard-of',
  ])
    expect([token, await askFor(`${token} model:gpt-4o cap:chat`)]).toEqual([token, 'invalid_scope']);
  const call = async (accessToken: string, model: string) => {
    const response = await postChat(deployment.resourceProxyUrl, accessToken, { model, messages });
    return [response.status, response.headers.get('www-authenticate') ?? (await response.text())];
  };
  expect(await call(connection.accessToken, 'unheard-of')).toEqual([404, expect.stringContaining('model_not_found')]);
  const other = await connect(deployment, { owner, client, scope: 'model:gpt-4o cap:chat' });
  expect(await call(other.accessToken, ownModel.id)).toEqual([
    403,
    expect.stringContaining(`scope="${ownToken} cap:chat"`),
  ]);
});

it('a model that is removed from the file can no longer be called, and its grants can be read, renewed and revoked', async () => {
  writePrices({});
  const replicas = [...deployment.authorizationServers, ...deployment.resourceProxies];
  for (const replica of replicas) {
    await replica.stop();
    await replica.start();
  }
  await expect(createSdk().chat.completions.create({ model: ownModel.id, messages })).rejects.toMatchObject({
    status: 404,
  });
  expect((await createSdk().models.list()).data).toEqual([]);
  expect(await askFor(`${ownToken} cap:chat`)).toBe('invalid_scope');

  expect(await readJson(`${deployment.resourceProxyUrl}/v1/grant`)).toMatchObject({ scope: `${ownToken} cap:chat` });
  expect((await client.refresh(connection.tokens.refresh_token ?? '')).scope).toContain(ownToken);
  expect((await owner.openApp()).text).toContain(`${ownModel.id} (OpenAI)`);
  expect((await owner.open(`/account/grants/${connection.grantId}`)).page.text).toContain(`${ownModel.id} (OpenAI)`);
  await client.revokeToken(connection.accessToken);
  await expect(createSdk().models.list()).rejects.toMatchObject({ status: 401 });
});

it('the owner’s pages show a grant for a model that was removed from our catalogue, and no client can ask for the model', async () => {
  const other = await connect(deployment, { owner, client, scope: 'model:gpt-4o cap:chat' });
  const database = new Client({ connectionString: deployment.databaseUrl });
  await database.connect();
  await database.query("update grants set scope = 'model:gpt-2-retired cap:chat' where id = $1", [other.grantId]);
  await database.end();
  const address = `/account/grants/${other.grantId}`;
  for (const page of [await owner.openApp(), (await owner.open(address)).page])
    expect(page.text).toContain('GPT-2 retired (no longer available)');
  expect(await askFor('model:gpt-2-retired cap:chat')).toBe('invalid_scope');
});

it('neither server starts with an invalid file, and both name the place of the error', async () => {
  const { output_mtok: _, ...prices } = ownModel.prices;
  writePrices({ models: [{ ...ownModel, prices }] });
  for (const replica of [deployment.authorizationServers[0], deployment.resourceProxies[0]]) {
    await replica?.stop();
    await expect(replica?.start()).rejects.toThrow('configuration: PRICES_FILE: models[0].prices has no output_mtok');
  }
});
