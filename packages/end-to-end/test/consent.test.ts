import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as oauth from 'openid-client';
import { chatStatus, postChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner, readClaims } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { introspect } from './harness/introspect.js';
import type { Owner } from './harness/owner.js';
import { readSpecified } from './harness/read-specified.js';
import { RecordingUpstream } from './harness/recording-upstream.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

// The ids at the beginning of titles are rows of docs/security.md.
it('C1: the consent page shows the app, the host that the owner returns to, the permissions in words, the reason and the limits', async () => {
  const client = await ClientApp.register(deployment, { name: 'Recipe writer' });
  const { url } = await client.beginAuthorization('model:gpt-4o-mini cap:chat', {
    max_requests: 40,
    reason: 'To write recipes.',
  });
  const page = await owner.openConsent(url);
  for (const words of [
    'Recipe writer',
    'An app on your computer',
    'GPT-4o mini (OpenAI)',
    'Send messages',
    'To write recipes.',
  ])
    expect(page.text).toContain(words);
  expect(page.document.querySelector('[name=max_requests]')?.getAttribute('value')).toBe('40');
});

it('if the owner denies, the app gets access_denied with its state and the issuer', async () => {
  const client = await ClientApp.register(deployment);
  const authorization = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
  const callback = await owner.deny(authorization.url);
  expect(Object.fromEntries(callback.searchParams)).toMatchObject({
    error: 'access_denied',
    state: authorization.state,
    iss: deployment.issuer,
  });
  expect(callback.searchParams.has('code')).toBe(false);
  await expect(client.finishAuthorization(authorization, callback)).rejects.toMatchObject({ error: 'access_denied' });
});

it('C6: a permission that the owner unticks is missing from the answer, the token and introspection, and every proxy refuses it', async () => {
  const { tokens, accessToken } = await connect(deployment, {
    owner,
    scope: 'model:gpt-4o-mini model:gpt-4o cap:chat cap:images',
    proposal: { max_requests: 50, max_requests_per_minute: 60, expires_in: 86_400 },
    changes: {
      untick: ['model:gpt-4o', 'cap:images'],
      fill: { max_requests: '7', max_requests_per_minute: '30', expires_in: '3600' },
    },
  });
  const granted = {
    type: 'ai_access',
    models: ['gpt-4o-mini'],
    capabilities: ['chat'],
    max_requests: 7,
    max_requests_per_minute: 30,
  };
  const scope = 'model:gpt-4o-mini cap:chat';
  expect(tokens).toMatchObject({ scope, authorization_details: [granted] });
  expect(readClaims(accessToken)).toMatchObject({ scope, authorization_details: [granted] });
  expect(await introspect(deployment, accessToken)).toMatchObject({
    active: true,
    scope,
    authorization_details: [granted],
  });
  const hits = upstream.hits.length;
  for (const { url } of deployment.resourceProxies) {
    const refused = await postChat(url, accessToken, { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope".*scope="model:gpt-4o cap:chat"/,
    );
    await readSpecified(refused, 'resource-proxy', 'POST /openai/v1/chat/completions');
  }
  expect(upstream.hits.length).toBe(hits);
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
});

it('X4: the owner can allow only what the app named; the page warns when the app asks for all models of a provider', async () => {
  const client = await ClientApp.register(deployment);
  const warning = 'any added later';
  const named = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
  expect((await owner.openConsent(named.url)).text).not.toContain(warning);
  const all = await client.beginAuthorization('model:openai/* cap:chat');
  const page = await owner.openConsent(all.url);
  expect(page.text).toContain('All OpenAI models');
  expect(page.text).toContain(warning);
  const tokens = await client.finishAuthorization(named, await owner.allow(named.url));
  for (const model of ['gpt-4o', 'gpt-4.1'])
    expect(await chatStatus(deployment.resourceProxyUrl, tokens.access_token, { model, messages: [] })).toBe(403);
});

it('C3: the owner is asked again for an app that registered itself, even if they just consented', async () => {
  const { client } = await connect(deployment, { owner });
  const again = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
  const page = await owner.openConsent(again.url);
  expect(page.text).toContain(client.name);
  expect([...page.checkboxes('scope')]).toEqual([
    ['model:gpt-4o-mini', true],
    ['cap:chat', true],
  ]);
});

it('an authorization request can be pushed, and can ask for models, capabilities and limits in authorization_details alone', async () => {
  const client = await ClientApp.register(deployment);
  const { url, ...rest } = await client.beginAuthorization(undefined, {
    models: ['claude-haiku-4-5'],
    capabilities: ['chat'],
    max_requests: 9,
  });
  const pushed = await oauth.buildAuthorizationUrlWithPAR(client.configuration, url.searchParams);
  expect(pushed.searchParams.get('request_uri')).toMatch(/^urn:/);
  const tokens = await client.finishAuthorization({ url, ...rest }, await owner.allow(pushed));
  expect(tokens.scope).toBe('model:claude-haiku-4-5 cap:chat');
  expect(tokens['authorization_details']).toMatchObject([{ models: ['claude-haiku-4-5'], max_requests: 9 }]);
});

it('A12 A13: a request for another resource or an unknown model returns an error without asking the owner', async () => {
  const client = await ClientApp.register(deployment);
  const ask = async (scope: string, parameters?: Record<string, string>) => {
    const { url } = await client.beginAuthorization(scope, undefined, parameters);
    return (await owner.open(url)).leftTo?.searchParams.get('error');
  };
  expect(await ask('model:gpt-4o-mini cap:chat', { resource: 'https://elsewhere.example' })).toBe('invalid_target');
  expect(await ask('model:gpt-0 cap:chat')).toBe('invalid_scope');
});

it('when a request names no model or no capability, the owner chooses it', async () => {
  const client = await ClientApp.register(deployment);
  for (const scope of ['model:gpt-4o-mini', 'openid', 'cap:chat', undefined]) {
    const { url } = await client.beginAuthorization(scope);
    expect((await owner.openConsent(url)).text).toContain('The app lets you choose.');
  }
});
