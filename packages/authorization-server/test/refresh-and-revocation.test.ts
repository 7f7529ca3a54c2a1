import { deleteClient, disableAccount, revokeGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { importJWK, SignJWT } from 'jose';
import {
  addClient,
  callEndpoint,
  connect,
  introspect,
  refresh,
  revoke,
  type TestClient,
  type Tokens,
  usualScope,
} from './support/client.js';
import { basic, header, json, postForm } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { proxySecret, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  client = await addClient(server);
  owner = await createOwner(server);
});
afterAll(() => server.close());

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

async function grantOf(tokens: Tokens) {
  return server.db
    .selectFrom('grants')
    .selectAll()
    .where('id', '=', String(claimsOf(tokens.access_token)['grant_id']))
    .executeTakeFirstOrThrow();
}

/** Ends the ten seconds in which a repeated refresh counts as a retry after a lost answer. */
async function endGrace(grantId: string): Promise<void> {
  const past = new Date(Date.now() - 11_000);
  await server.db
    .updateTable('artifacts')
    .set({ consumed_at: past })
    .where('grant_id', '=', grantId)
    .where('consumed_at', 'is not', null)
    .execute();
}

async function expectDead(tokens: Pick<Tokens, 'access_token' | 'refresh_token'>, of = client): Promise<void> {
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
  expect(json(await refresh(server, of, tokens.refresh_token))['error']).toBe('invalid_grant');
}

// The ids at the beginning of titles are rows of docs/security.md.
it('R1: public and confidential clients get a new refresh token at each refresh', async () => {
  for (const of of [client, await addClient(server, { isPublic: true })]) {
    const tokens = await connect(server, owner.browser, of);
    const rotated = json(await refresh(server, of, tokens.refresh_token));
    expect(rotated['refresh_token']).not.toBe(tokens.refresh_token);
    expect(rotated).toMatchObject({ scope: usualScope, authorization_details: tokens.authorization_details });
  }
});

it('R2: an old refresh token that comes back after ten seconds ends the grant', async () => {
  const tokens = await connect(server, owner.browser, client);
  const rotated = json(await refresh(server, client, tokens.refresh_token)) as unknown as Tokens;
  const grant = await grantOf(tokens);
  await endGrace(grant.id);
  expect(json(await refresh(server, client, tokens.refresh_token))['error']).toBe('invalid_grant');
  await expectDead(rotated);
  expect((await grantOf(tokens)).revoked_reason).toBe('refresh_token_reuse');
});

it('R2: within ten seconds a repeat gets the same answer at any server, because the first answer may have been lost', async () => {
  const tokens = await connect(server, owner.browser, client);
  const [first, ...repeats] = [
    await refresh(server, client, tokens.refresh_token),
    ...(await Promise.all(server.urls.map((url) => refresh(server, client, tokens.refresh_token, { url })))),
  ];
  for (const repeat of repeats) expect([repeat.status, repeat.text]).toEqual([200, first.text]);
  const rotated = json(first) as unknown as Tokens;
  expect((await refresh(server, client, rotated.refresh_token)).status).toBe(200);
  // The answer is the same after the new refresh token has been used.
  expect((await refresh(server, client, tokens.refresh_token)).text).toBe(first.text);
  expect((await grantOf(tokens)).status).toBe('active');
});

it('R2: a repeat for another scope is answered for that scope, with the same new refresh token', async () => {
  const tokens = await connect(server, owner.browser, client);
  const first = json(await refresh(server, client, tokens.refresh_token, { scope: 'model:gpt-4o cap:chat' }));
  const wider = json(await refresh(server, client, tokens.refresh_token));
  expect(wider).toMatchObject({ scope: usualScope, refresh_token: first['refresh_token'] });
  expect(wider['access_token']).not.toBe(first['access_token']);
  const tooWide = json(await refresh(server, client, tokens.refresh_token, { scope: 'cap:images' }));
  expect(tooWide['error']).toBe('invalid_scope');
  const resource = { resource: 'https://other.example/' };
  const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...resource };
  expect(json(await callEndpoint(`${server.issuer}/token`, client, form))['error']).toBe('invalid_target');
  for (const { access_token } of [first, wider])
    expect(await introspect(server, String(access_token))).toMatchObject({ active: true });
  expect((await refresh(server, client, String(wider['refresh_token']))).status).toBe(200);
});

it('R2: a repeat by another client, for another resource, or after the end of the grant is refused', async () => {
  const other = await addClient(server);
  const tokens = await connect(server, owner.browser, client);
  const first = await refresh(server, client, tokens.refresh_token);
  expect(json(await refresh(server, other, tokens.refresh_token))['error']).toBe('invalid_grant');
  expect((await refresh(server, client, tokens.refresh_token)).text).toBe(first.text);
  const { refresh_token } = tokens;
  const elsewhere = { grant_type: 'refresh_token', refresh_token, resource: 'https://other.example' };
  expect(json(await callEndpoint(`${server.issuer}/token`, client, elsewhere))['error']).toBe('invalid_target');
  await revokeGrant(server.db, { grantId: (await grantOf(tokens)).id, reason: 'owner', revokedBy: owner.accountId });
  expect(json(await refresh(server, client, tokens.refresh_token))['error']).toBe('invalid_grant');
});

it('R2: the answer that is stored for repeats is encrypted, and is removed with its grant', async () => {
  const tokens = await connect(server, owner.browser, client);
  const rotated = json(await refresh(server, client, tokens.refresh_token));
  const { id } = await grantOf(tokens);
  const rows = await server.db.selectFrom('artifacts').selectAll().where('grant_id', '=', id).execute();
  const kept = rows.find(({ model }) => model === 'RefreshAnswer');
  const seconds = ((kept?.expires_at?.getTime() ?? 0) - Date.now()) / 1_000;
  expect(seconds).toBeGreaterThan(5);
  expect(seconds).toBeLessThan(12);
  for (const secret of [rotated['access_token'], rotated['refresh_token'], tokens.refresh_token])
    expect(JSON.stringify(rows)).not.toContain(String(secret));
  await revokeGrant(server.db, { grantId: id, reason: 'owner', revokedBy: owner.accountId });
  expect(await server.db.selectFrom('artifacts').select('model').where('grant_id', '=', id).execute()).toEqual([]);
});

it('R4: a refresh may narrow the scope, and never widen it', async () => {
  const tokens = await connect(server, owner.browser, client, {}, { scope: ['model:gpt-4o', 'cap:chat'] });
  const narrower = json(await refresh(server, client, tokens.refresh_token, { scope: 'cap:chat' }));
  expect(narrower['scope']).toBe('cap:chat');
  const wider = await refresh(server, client, String(narrower['refresh_token']), { scope: usualScope });
  expect(json(wider)['error']).toBe('invalid_scope');
  const forged = {
    grant_type: 'refresh_token',
    refresh_token: String(narrower['refresh_token']),
    authorization_details: '[{"type":"ai_access","max_requests":1000000}]',
  };
  const answer = json(await callEndpoint(`${server.issuer}/token`, client, forged));
  expect(answer['authorization_details']).toEqual(tokens.authorization_details);
});

it('R4: authorization_details after a narrowed refresh are narrowed too, in the answer, the token and introspection', async () => {
  const tokens = await connect(server, owner.browser, client);
  const scope = 'model:gpt-4o cap:chat';
  const narrower = json(await refresh(server, client, tokens.refresh_token, { scope }));
  const details = [{ ...tokens.authorization_details[0], models: ['gpt-4o'], capabilities: ['chat'] }];
  expect(narrower['authorization_details']).toEqual(details);
  expect(claimsOf(String(narrower['access_token']))['authorization_details']).toEqual(details);
  expect((await introspect(server, String(narrower['access_token'])))['authorization_details']).toEqual(details);
});

it('R5: a refresh token is bound to its client', async () => {
  const tokens = await connect(server, owner.browser, client);
  const other = await addClient(server);
  expect(json(await refresh(server, other, tokens.refresh_token))['error']).toBe('invalid_grant');
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
});

it('R7: nothing is refreshed once the grant is revoked, the account disabled, or the client deleted', async () => {
  const ends: readonly ((tokens: Tokens, of: TestClient, accountId: string) => Promise<unknown>)[] = [
    async (tokens, _, accountId) =>
      revokeGrant(server.db, { grantId: (await grantOf(tokens)).id, reason: 'owner', revokedBy: accountId }),
    (_tokens, _of, accountId) => disableAccount(server.db, accountId),
  ];
  for (const end of ends) {
    const somebody = await createOwner(server);
    const of = await addClient(server);
    const tokens = await connect(server, somebody.browser, of);
    await end(tokens, of, somebody.accountId);
    await expectDead(tokens, of);
  }
  const doomed = await addClient(server);
  const tokens = await connect(server, owner.browser, doomed);
  await deleteClient(server.db, doomed.id);
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
  expect((await refresh(server, doomed, tokens.refresh_token)).status).toBe(401);
});

it('V1, V3: revoking an access token or a refresh token ends the grant and all its tokens; an unknown token gets the same answer', async () => {
  for (const kind of ['access_token', 'refresh_token'] as const) {
    const tokens = await connect(server, owner.browser, client);
    const answer = await revoke(server, client, tokens[kind]);
    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    await expectDead(tokens);
    const grant = await grantOf(tokens);
    expect(grant).toMatchObject({ status: 'revoked', revoked_reason: 'client' });
    const register = await server.db
      .selectFrom('revocations')
      .selectAll()
      .where('grant_id', '=', grant.id)
      .executeTakeFirstOrThrow();
    expect(register.revoked_by).toBe(client.id);
  }
  expect((await revoke(server, client, 'never-issued')).status).toBe(200);
  expect((await revoke(server, client, 'a.b.c')).status).toBe(200);
});

it('V2: a client revokes its own tokens only', async () => {
  const tokens = await connect(server, owner.browser, client);
  const other = await addClient(server);
  for (const token of [tokens.access_token, tokens.refresh_token])
    expect((await revoke(server, other, token)).status).toBe(200);
  expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true });
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
});

it('V4: only the proxy gets information about access tokens, and no client gets any about refresh tokens', async () => {
  const tokens = await connect(server, owner.browser, client);
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    expect(json(await callEndpoint(`${server.issuer}/introspect`, client, { token }))).toEqual({ active: false });
    expect(json(await callEndpoint(`${server.issuer}/introspect`, await addClient(server), { token }))).toEqual({
      active: false,
    });
  }
  expect(await introspect(server, tokens.refresh_token)).toEqual({ active: false });
  const anonymous = await postForm(`${server.issuer}/introspect`, { token: tokens.access_token });
  expect(anonymous.status).toBeGreaterThanOrEqual(400);
});

it('V5: the answer for an inactive token is only {"active":false}: expired, forged, of another issuer, or a bare jti', async () => {
  const tokens = await connect(server, owner.browser, client);
  const [signingKey] = server.configuration.signingKeys;
  const claims = claimsOf(tokens.access_token);
  const mint = async (changes: Record<string, unknown>, head: { typ?: string } = { typ: 'at+jwt' }) =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'ES256', kid: signingKey.kid, ...head })
      .sign(await importJWK({ ...signingKey }, 'ES256'));
  const [head = '', body = '', signature = ''] = tokens.access_token.split('.');
  const tampered = `${head}.${Buffer.from(JSON.stringify({ ...claims, scope: 'model:openai/*' })).toString('base64url')}.${signature}`;
  const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${body}.`;
  const bad = [
    String(claims['jti']),
    tampered,
    unsigned,
    `${head}.${body}.`,
    await mint({ exp: Math.floor(Date.now() / 1_000) - 60 }),
    await mint({ iss: 'https://other.example' }),
    await mint({ jti: 'never-issued' }),
    await mint({}, { typ: 'JWT' }),
    'garbage',
    '..',
  ];
  for (const token of bad) expect([token, await introspect(server, token)]).toEqual([token, { active: false }]);
  expect(await introspect(server, await mint({}))).toMatchObject({ active: true });
  const twice = { token: [tokens.access_token, tokens.access_token] };
  const proxy = basic('resource-proxy', proxySecret);
  expect((await postForm(`${server.issuer}/introspect`, twice, proxy)).status).toBe(400);
  expect((await postForm(`${server.issuer}/introspect`, { token: 'x.'.repeat(40_000) }, proxy)).status).toBe(413);
});

it('V6: introspection reports the current state of the grant and what the owner allowed', async () => {
  // For an app that asks again, the page would be filled in with an earlier and narrower choice.
  const app = await addClient(server);
  const tokens = await connect(server, owner.browser, app, {}, { max_requests: '7', max_requests_per_minute: '3' });
  const answer = await postForm(
    `${server.issuer}/introspect`,
    { token: tokens.access_token, token_type_hint: 'access_token' },
    basic('resource-proxy', proxySecret),
  );
  expect(header(answer, 'cache-control')).toContain('no-store');
  const claims = claimsOf(tokens.access_token);
  expect(json(answer)).toEqual({
    active: true,
    sub: owner.accountId,
    client_id: app.id,
    scope: usualScope,
    exp: claims['exp'],
    iat: claims['iat'],
    auth_time: claims['auth_time'],
    iss: server.issuer,
    aud: claims['aud'],
    jti: claims['jti'],
    token_type: 'Bearer',
    grant_id: claims['grant_id'],
    authorization_details: [expect.objectContaining({ max_requests: 7, max_requests_per_minute: 3 })],
  });
  await revokeGrant(server.db, { grantId: String(claims['grant_id']), reason: 'owner', revokedBy: owner.accountId });
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
});

it('the revocation endpoint does not accept a bare jti as a token, since logs contain it', async () => {
  const tokens = await connect(server, owner.browser, client);
  await revoke(server, client, String(claimsOf(tokens.access_token)['jti']));
  expect((await grantOf(tokens)).status).toBe('active');
});

it('codes, tokens and identifiers of sessions are stored as hashes', async () => {
  const tokens = await connect(server, owner.browser, client);
  const rows = await server.db.selectFrom('artifacts').selectAll().execute();
  const dump = JSON.stringify(rows);
  expect(dump).not.toContain(tokens.refresh_token);
  expect(dump).not.toContain(String(claimsOf(tokens.access_token)['jti']));
  for (const { value } of owner.browser.cookies.values()) expect(dump).not.toContain(value);
});
