import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'openid-client';
import { chatStatus, postChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner, readClaims } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { introspect, withIntrospection } from './harness/introspect.js';
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

it('a standard library finds the server by its metadata, registers and redeems a code', async () => {
  const client = await ClientApp.register(deployment);
  expect(client.configuration.serverMetadata().issuer).toBe(deployment.issuer);
  const authorization = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
  const callback = await owner.allow(authorization.url);
  expect(callback.href.startsWith(`${client.redirectUri}?`)).toBe(true);
  const tokens = await client.finishAuthorization(authorization, callback);
  expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'model:gpt-4o-mini cap:chat' });
  expect(tokens.expires_in).toBeLessThanOrEqual(600);
  expect(tokens.refresh_token).toEqual(expect.any(String));
  const answer = await postChat(deployment.resourceProxyUrl, tokens.access_token);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'Hello.' } }] });
});

it('the answers of discovery, the key set, the health check, the token endpoint and registration match the specification', async () => {
  const get = (path: string) => fetch(`${deployment.issuer}${path}`);
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])
    expect(await readSpecified(await get(path), 'authorization-server', `GET ${path}`)).toMatchObject({
      issuer: deployment.issuer,
      code_challenge_methods_supported: ['S256'],
    });
  await readSpecified(await get('/jwks'), 'authorization-server', 'GET /jwks');
  await readSpecified(await get('/health'), 'authorization-server', 'GET /health');
  const seen: Record<string, unknown> = {};
  const { client, tokens } = await connect(deployment, {
    owner,
    client: await ClientApp.register(deployment, { authMethod: 'client_secret_basic' }),
  });
  client.configuration[oauth.customFetch] = async (url, init) => {
    const response = await fetch(url, init as RequestInit);
    const path = new URL(url).pathname;
    seen[path] = await readSpecified(response.clone(), 'authorization-server', `POST ${path}`);
    return response;
  };
  await client.refresh(tokens.refresh_token ?? '');
  expect(seen).toMatchObject({ '/token': { token_type: 'Bearer' } });
  const registration = await fetch(`${deployment.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example/callback'] }),
  });
  expect(registration.status).toBe(201);
  await readSpecified(registration, 'authorization-server', 'POST /register');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('T8 T10: the access token is a signed JWT for the proxy, valid for ten minutes at most, that anyone can verify', async () => {
  const { accessToken, client } = await connect(deployment, { owner });
  const keys = createRemoteJWKSet(new URL(`${deployment.issuer}/jwks`));
  const { payload, protectedHeader } = await jwtVerify<Record<string, unknown>>(accessToken, keys, {
    issuer: deployment.issuer,
    audience: deployment.resourceProxyUrl,
    typ: 'at+jwt',
    algorithms: ['ES256'],
  });
  expect(protectedHeader.kid).toEqual(expect.any(String));
  expect(payload).toMatchObject({
    aud: deployment.resourceProxyUrl,
    client_id: client.clientId,
    scope: 'model:gpt-4o-mini cap:chat',
    sub: expect.any(String),
    jti: expect.any(String),
    grant_id: expect.any(String),
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
});

it('the limits that the owner set are enforced, and /v1/grant reports what is left of them', async () => {
  const { accessToken, client, grantId } = await connect(deployment, {
    owner,
    changes: { fill: { max_requests: '3' } },
  });
  const readGrant = async () =>
    readSpecified(
      await fetch(`${deployment.resourceProxyUrl}/v1/grant`, { headers: { authorization: `Bearer ${accessToken}` } }),
      'resource-proxy',
      'GET /v1/grant',
    );
  expect(await readGrant()).toMatchObject({
    id: grantId,
    client_id: client.clientId,
    scope: 'model:gpt-4o-mini cap:chat',
    limits: { max_requests: 3 },
    used: { requests: 0 },
  });
  for (const { url } of [...deployment.resourceProxies, ...deployment.resourceProxies].slice(0, 3))
    expect(await chatStatus(url, accessToken)).toBe(200);
  const refused = await postChat(deployment.resourceProxyUrl, accessToken);
  expect(refused.status).toBe(402);
  expect(refused.headers.get('x-should-retry')).toBe('false');
  expect(await readSpecified(refused, 'resource-proxy', 'POST /openai/v1/chat/completions')).toMatchObject({
    error: { code: 'request_limit_reached' },
  });
  expect(await readGrant()).toMatchObject({ used: { requests: 3 } });
});

it('S15: a request above the rate, counted over both proxies, is answered with 429 and the seconds to wait', async () => {
  const { accessToken } = await connect(deployment, { owner, changes: { fill: { max_requests_per_minute: '2' } } });
  const [first, second] = deployment.resourceProxies.map(({ url }) => url);
  expect(await chatStatus(first ?? '', accessToken)).toBe(200);
  expect(await chatStatus(second ?? '', accessToken)).toBe(200);
  const refused = await postChat(first ?? '', accessToken);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(await readSpecified(refused, 'resource-proxy', 'POST /openai/v1/chat/completions')).toMatchObject({
    error: { code: 'rate_limited' },
  });
});

it('R1: refreshing gives a new access token and a new refresh token under the same grant', async () => {
  const { client, tokens, grantId } = await connect(deployment, { owner });
  const refreshed = await client.refresh(tokens.refresh_token ?? '');
  expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
  expect(refreshed.access_token).not.toBe(tokens.access_token);
  expect(readClaims(refreshed.access_token).grant_id).toBe(grantId);
  expect(await chatStatus(deployment.resourceProxyUrl, refreshed.access_token)).toBe(200);
});

it('V4: introspection gives information to the proxy only', async () => {
  const other = await connect(deployment, {
    owner,
    client: await ClientApp.register(deployment, { authMethod: 'client_secret_basic' }),
  });
  const { accessToken, tokens } = await connect(deployment, { owner });
  expect(await introspect(deployment, accessToken)).toMatchObject({ active: true, iss: deployment.issuer });
  expect(await introspect(deployment, tokens.refresh_token ?? '')).toEqual({ active: false });
  expect(await introspect(deployment, readClaims(accessToken).jti)).toEqual({ active: false });
  const stranger = withIntrospection(deployment.issuer, other.client.configuration);
  for (const token of [accessToken, other.accessToken])
    expect(await oauth.tokenIntrospection(stranger, token)).toEqual({ active: false });
});

it('V3: if a client revokes its access token, the whole grant ends, and every proxy refuses the next request', async () => {
  const { client, tokens, accessToken } = await connect(deployment, { owner });
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(200);
  await client.revokeToken(accessToken);
  const hits = upstream.hits.length;
  for (const { url } of deployment.resourceProxies) {
    const refused = await postChat(url, accessToken);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/error="invalid_token"/);
    await readSpecified(refused, 'resource-proxy', 'POST /openai/v1/chat/completions');
  }
  expect(upstream.hits.length).toBe(hits);
  await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  expect(await introspect(deployment, accessToken)).toEqual({ active: false });
});

it('an expired grant is refused by the proxy, by introspection and at refresh', async () => {
  const { client, tokens, accessToken, grantId } = await connect(deployment, {
    owner,
    proposal: { expires_in: 60 },
  });
  expect(tokens.expires_in).toBeLessThanOrEqual(60);
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(200);
  const past = new Date(Date.now() - 1000);
  await deployment.db.updateTable('grants').set({ expires_at: past }).where('id', '=', grantId).execute();
  const hits = upstream.hits.length;
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(401);
  expect(upstream.hits.length).toBe(hits);
  expect(await introspect(deployment, accessToken)).toEqual({ active: false });
  await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
});

it('a refusal has the format of the AI provider whose path was called, as in the specification', async () => {
  const headers = { 'content-type': 'application/json' };
  const operations = [
    ['POST', '/openai/v1/chat/completions', '/openai/v1/chat/completions'],
    ['POST', '/anthropic/v1/messages', '/anthropic/v1/messages'],
    ['POST', '/google/v1beta/models/{model}:generateContent', '/google/v1beta/models/gemini-2.5-flash:generateContent'],
  ] as const;
  for (const [method, template, path] of operations) {
    const anonymous = await fetch(`${deployment.resourceProxyUrl}${path}`, { method, headers, body: '{}' });
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toContain('/.well-known/oauth-protected-resource');
    await readSpecified(anonymous, 'resource-proxy', `${method} ${template}`);
  }
  const resource = await fetch(`${deployment.resourceProxyUrl}/.well-known/oauth-protected-resource`);
  expect(await readSpecified(resource, 'resource-proxy', 'GET /.well-known/oauth-protected-resource')).toMatchObject({
    resource: deployment.resourceProxyUrl,
    authorization_servers: [deployment.issuer],
  });
});
