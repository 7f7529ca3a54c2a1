import { createModelCatalogue } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readForm, readText } from './support/browser.js';
import {
  addClient,
  authenticate,
  buildRequest,
  decide,
  introspect,
  redeem,
  refresh,
  type TestClient,
} from './support/client.js';
import { json, postForm } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server);
  owner = await createOwner(server);
});
afterAll(() => server.close());

async function openConsent(parameters: Readonly<Record<string, string>>) {
  const request = await buildRequest(server, client, { prompt: 'consent', ...parameters });
  const page = await owner.browser.open(request.url);
  const choose = (...scope: readonly string[]) =>
    owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow', scope });
  return { request, page, choose };
}

async function introspectScope(tokens: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const { scope } = await introspect(server, String(tokens['access_token']));
  return String(scope).split(' ').sort();
}

it('if a request names no models, the owner chooses them, and the grant has these models', async () => {
  for (const scope of ['cap:chat', '', 'openid email', 'openid offline_access cap:chat']) {
    client = await addClient(server);
    const { request, page, choose } = await openConsent({ scope });
    const text = readText(page.text);
    expect(text).toContain('The app lets you choose. Select the models it can use.');
    expect(text).toContain('All Anthropic models');
    // Only chat is ticked at first.
    expect(readForm(page.text, `${page.url.pathname}/consent`)['scope']).toEqual(['cap:chat']);
    const back = await choose('model:gpt-4o-mini', 'cap:chat');
    const code = back.url.searchParams.get('code') ?? '';
    const tokens = json(await redeem(server, client, { code, codeVerifier: request.codeVerifier }));
    expect(String(tokens['scope']).split(' ')).toEqual(expect.arrayContaining(['model:gpt-4o-mini', 'cap:chat']));
    expect(await introspectScope(tokens)).toEqual(['cap:chat', 'model:gpt-4o-mini']);
    const next = json(await refresh(server, client, String(tokens['refresh_token'])));
    expect(await introspectScope(next)).toEqual(['cap:chat', 'model:gpt-4o-mini']);
  }
});

it('the page lists AI providers with a usable provider key first, and says which have none', async () => {
  const served = await startTestServer({ configuration: { operatorKeysFor: ['google'] } });
  const { browser } = await createOwner(served);
  const app = await addClient(served);
  const text = readText((await browser.open((await buildRequest(served, app, { scope: 'cap:chat' })).url)).text);
  expect(text).toMatch(/Google \d+ models .*OpenAI \d+ models, no API key yet.*Anthropic \d+ models, no API key yet/s);
  await served.close();
});

it('if a request names only models, the owner chooses the capabilities and nothing else', async () => {
  const { page, choose } = await openConsent({ scope: 'model:gpt-4o-mini' });
  expect(readText(page.text)).toContain('The app lets you choose. Select what it can do.');
  expect(readText(page.text)).not.toContain('All Anthropic models');
  const forged = await choose('model:gpt-4o-mini', 'model:gpt-4o', 'cap:chat');
  expect([forged.status, readText(forged.text)]).toEqual([422, expect.stringContaining('You selected more than')]);
  expect((await choose('model:gpt-4o-mini', 'cap:embeddings')).url.searchParams.get('code')).toMatch(/./);
});

it('after a choice without a model, the owner is asked again', async () => {
  const { choose } = await openConsent({ scope: '' });
  const none = await choose('cap:chat');
  expect([none.status, readText(none.text)]).toEqual([422, expect.stringContaining('Select at least one model')]);
});

it('after a choice that is too long for a token, the owner is asked again', async () => {
  const names = Array.from({ length: 80 }, (_, number) => `own-${number}-${'x'.repeat(80)}`);
  const own = names.map((id) => ({ model: { upstream: 'openai', id, capabilities: ['chat'] } }) as const);
  const large = await startTestServer({ configuration: { models: createModelCatalogue({ models: own }) } });
  const app = await addClient(large);
  const { browser } = await createOwner(large);
  const page = await browser.open((await buildRequest(large, app, { scope: 'cap:chat' })).url);
  const scope = ['cap:chat', ...names.map((id) => `model:openai/${id}`)];
  const all = await browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow', scope });
  expect([all.status, readText(all.text)]).toEqual([422, expect.stringContaining('more models than one app can')]);
  await large.close();
});

it('a pushed request without a scope asks the owner; the same request later is answered by the existing grant', async () => {
  const { fields, headers } = authenticate(client);
  const { url } = await buildRequest(server, client, { scope: '' });
  const pushed = json(
    await postForm(`${server.issuer}/par`, { ...Object.fromEntries(url.searchParams), ...fields }, headers),
  );
  const someone = await createOwner(server);
  const parameters = new URLSearchParams({ client_id: client.id, request_uri: String(pushed['request_uri']) });
  const page = await someone.browser.open(`/authorize?${parameters.toString()}`);
  expect(readText(page.text)).toContain('The app lets you choose.');
  const scope = ['model:gpt-5-mini', 'cap:chat'];
  await someone.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow', scope });
  const again = await buildRequest(server, client, { scope: 'openid cap:chat', prompt: 'none' });
  const code = (await someone.browser.open(again.url)).url.searchParams.get('code') ?? '';
  const tokens = json(await redeem(server, client, { code, codeVerifier: again.codeVerifier }));
  expect(await introspectScope(tokens)).toEqual([...scope].sort());
  const denied = await decide(someone.browser, await buildRequest(server, client, { scope: '' }), 'deny');
  expect(denied.url.searchParams.get('error')).toBe('access_denied');
});

it('if an existing grant answers a request, the token has only the requested part of the grant’s scope', async () => {
  const first = await openConsent({ scope: 'model:gpt-4o model:gpt-4o-mini cap:chat cap:embeddings' });
  const back = await first.choose('model:gpt-4o', 'model:gpt-4o-mini', 'cap:chat', 'cap:embeddings');
  expect(back.url.searchParams.get('code')).not.toBeNull();
  for (const [scope, given] of [
    ['model:gpt-4o', ['cap:chat', 'cap:embeddings', 'model:gpt-4o']],
    ['cap:chat', ['cap:chat', 'model:gpt-4o', 'model:gpt-4o-mini']],
  ] as const) {
    const request = await buildRequest(server, client, { scope });
    const { url } = await owner.browser.open(request.url);
    const code = url.searchParams.get('code') ?? '';
    const tokens = json(await redeem(server, client, { code, codeVerifier: request.codeVerifier }));
    expect(await introspectScope(tokens)).toEqual(given);
  }
});

it.each([
  ['model:openai/* cap:chat', 'model:openai/gpt-4o cap:chat'],
  ['model:gpt-4o cap:chat', 'model:openai/gpt-4o cap:chat'],
  ['model:openai/gpt-4o cap:chat', 'model:gpt-4o cap:chat'],
])(
  'under a grant for %s, a request for %s asks the owner, since the token would not name the model',
  async (granted, asked) => {
    const someone = await createOwner(server);
    await allowAndRedeem(someone, granted);
    const silent = await buildRequest(server, client, { scope: asked, prompt: 'none' });
    const refused = await someone.browser.open(silent.url);
    expect(refused.url.searchParams.get('error')).toBe('consent_required');
    expect(await introspectScope(await allowAndRedeem(someone, asked))).toEqual(asked.split(' ').sort());
  },
);

async function allowAndRedeem(someone: Owner, scope: string): Promise<ReturnType<typeof json>> {
  const request = await buildRequest(server, client, { scope });
  const { url } = await decide(someone.browser, request, 'allow', { scope: scope.split(' ') });
  const code = url.searchParams.get('code') ?? '';
  return json(await redeem(server, client, { code, codeVerifier: request.codeVerifier }));
}
