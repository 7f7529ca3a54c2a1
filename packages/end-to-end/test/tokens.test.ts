import { readFileSync } from 'node:fs';
import { deleteClient, disableAccount } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { importJWK, type JWK, SignJWT } from 'jose';
import { chatStatus, postChat, smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner, readClaims } from './harness/connect.js';
import { countBy } from './harness/count-by.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { readWholeOutput } from './harness/read-whole-output.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { operatorKey } from './harness/server-environments.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
let client: ClientApp;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
  client = await ClientApp.register(deployment);
});

beforeEach(() => {
  upstream.hits.length = 0;
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** Expects that every proxy refuses the token and sends nothing upstream. */
async function expectDead(accessToken: string): Promise<void> {
  const hits = upstream.hits.length;
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(401);
  expect(upstream.hits.length).toBe(hits);
}

async function expectRefreshRefused(of: ClientApp, refreshToken: string | undefined): Promise<void> {
  await expect(of.refresh(refreshToken ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
}

// The ids at the beginning of titles are rows of docs/security.md.
it('T1: a code that is used again after more than ten seconds ends its refresh token and its access token', async () => {
  const authorization = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
  const callback = await owner.allow(authorization.url);
  const tokens = await client.finishAuthorization(authorization, callback);
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, tokens.access_token)).toBe(200);
  const again = () => client.finishAuthorization(authorization, callback);
  // a repeat at once, as when a browser loads the callback page twice, ends nothing
  await expect(again()).rejects.toMatchObject({ error: 'invalid_grant' });
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, tokens.access_token)).toBe(200);
  await passElevenSeconds();
  await expect(again()).rejects.toMatchObject({ error: 'invalid_grant' });
  await expectRefreshRefused(client, tokens.refresh_token);
  await expectDead(tokens.access_token);
});

/** Moves the use of every used code and refresh token eleven seconds into the past. */
async function passElevenSeconds(): Promise<void> {
  await deployment.db
    .updateTable('artifacts')
    .set({ consumed_at: new Date(Date.now() - 11_000) })
    .where('consumed_at', 'is not', null)
    .execute();
}

it('R2: a refresh token that is used again gives the same tokens within ten seconds, and ends the grant after that', async () => {
  const { tokens } = await connect(deployment, { owner, client });
  const second = await client.refresh(tokens.refresh_token ?? '');
  const repeat = await client.refresh(tokens.refresh_token ?? '');
  expect([repeat.access_token, repeat.refresh_token]).toEqual([second.access_token, second.refresh_token]);
  expect(await chatStatus(deployment.resourceProxyUrl, second.access_token)).toBe(200);
  await passElevenSeconds();
  await expectRefreshRefused(client, tokens.refresh_token);
  await expectRefreshRefused(client, second.refresh_token);
  await expectDead(second.access_token);
});

it('R7 S9: tokens are refused once the owner has revoked the grant', async () => {
  const { tokens, accessToken } = await connect(deployment, { owner, client });
  for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(200);
  await owner.revoke(client.name);
  await expectDead(accessToken);
  await expectRefreshRefused(client, tokens.refresh_token);
});

it('R7 S9: tokens and the session are refused once the account is disabled', async () => {
  const leaving = await createOwner(deployment);
  const { tokens, accessToken } = await connect(deployment, { owner: leaving, client });
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
  await disableAccount(deployment.db, readClaims(accessToken).sub);
  await expectDead(accessToken);
  await expectRefreshRefused(client, tokens.refresh_token);
  expect((await leaving.open('/account/apps')).page.url.pathname).toBe('/account/sign-in');
  expect((await leaving.signIn()).page.url.pathname).toBe('/account/sign-in');
});

it('R7 3.4: tokens of a deleted client are refused', async () => {
  const { client: deleted, tokens, accessToken } = await connect(deployment, { owner });
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
  await deleteClient(deployment.db, deleted.clientId);
  await expectDead(accessToken);
  await expect(deleted.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_client' });
});

it('3.4: an ID token, a refresh token and a correctly signed token that was never issued are refused', async () => {
  const { tokens, accessToken } = await connect(deployment, {
    owner,
    client,
    scope: 'openid model:gpt-4o-mini cap:chat',
  });
  expect(tokens.id_token).toEqual(expect.any(String));
  await expectDead(tokens.id_token ?? '');
  await expectDead(tokens.refresh_token ?? '');
  const { keys } = JSON.parse(readFileSync(deployment.keyFiles.authorizationServer.signingKeys, 'utf8')) as {
    readonly keys: readonly [JWK];
  };
  const sign = async (changes: Record<string, unknown>, typ = 'at+jwt') =>
    new SignJWT({ ...readClaims(accessToken), ...changes })
      .setProtectedHeader({ alg: 'ES256', typ, kid: keys[0].kid ?? '' })
      .sign(await importJWK(keys[0], 'ES256'));
  const past = Math.floor(Date.now() / 1000) - 60;
  const forged = {
    'another audience': await sign({ aud: 'https://elsewhere.example' }),
    'another issuer': await sign({ iss: 'https://elsewhere.example' }),
    'another type': await sign({}, 'JWT'),
    'an identifier that was never issued': await sign({ jti: 'never-issued' }),
    'an end in the past': await sign({ exp: past }),
    'another grant': await sign({ grant_id: 'no-such-grant', jti: 'another' }),
  };
  for (const token of Object.values(forged)) await expectDead(token);
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
});

it('3.4: no header, path or body that goes upstream contains the access token', async () => {
  const { accessToken } = await connect(deployment, {
    owner,
    client,
    scope: 'model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat',
  });
  const json = { 'content-type': 'application/json' };
  const calls = [
    ['/openai/v1/chat/completions', { authorization: `Bearer ${accessToken}` }, smallChat],
    [
      '/anthropic/v1/messages',
      { 'x-api-key': accessToken },
      { ...smallChat, model: 'claude-haiku-4-5', max_tokens: 5 },
    ],
    [
      '/google/v1beta/models/gemini-2.5-flash:generateContent',
      { 'x-goog-api-key': accessToken },
      { contents: [{ parts: [{ text: 'Hi' }] }] },
    ],
  ] as const;
  for (const [path, credential, body] of calls) {
    const headers = { ...json, ...credential };
    await fetch(`${deployment.resourceProxyUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }
  expect(upstream.hits.length).toBe(3);
  expect(JSON.stringify(upstream.hits)).not.toContain(accessToken);
  for (const { headers, target } of upstream.hits) {
    expect(Object.values(headers).filter((value) => value.includes(operatorKey))).toHaveLength(1);
    expect(target).not.toContain(operatorKey);
  }
});

it('S3: an access token in the URL or the body is not accepted and never logged', async () => {
  const { accessToken } = await connect(deployment, { owner, client });
  const target = `${deployment.resourceProxyUrl}/openai/v1/chat/completions?access_token=${accessToken}`;
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(target, { method: 'POST', headers, body: JSON.stringify(smallChat) });
  expect([400, 401]).toContain(status);
  const withBody = await postChat(deployment.resourceProxyUrl, '', { ...smallChat, access_token: accessToken });
  expect([400, 401]).toContain(withBody.status);
  expect(upstream.hits).toEqual([]);
  expect(await readWholeOutput(deployment)).not.toContain(accessToken);
});

it('G2: a new account, a new provider key, a consent and a revocation leave one row each in the audit log', async () => {
  const audited = await createOwner(deployment);
  await audited.addKey('openai', 'sk-audited-key-0123456789');
  const { grantId } = await connect(deployment, { owner: audited, client });
  await audited.revoke(client.name);
  const rows = await deployment.db.selectFrom('audit_events').select(['event', 'grant_id', 'account_id']).execute();
  const account = rows.find(({ grant_id }) => grant_id === grantId)?.account_id;
  const events = rows.filter(({ account_id }) => account_id === account).map(({ event }) => event);
  expect(countBy(events, String)).toMatchObject({
    account_created: 1,
    provider_key_added: 1,
    consent_given: 1,
    grant_revoked: 1,
  });
});
