import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  addClient,
  authenticate,
  connect,
  introspect,
  obtainCode,
  redeem,
  refresh,
  revoke,
  type TestClient,
  usualScope,
} from './support/client.js';
import { basic, encodeForm, header, json, postForm, send } from './support/http.js';
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

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

function decodePart(token: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

type Code = Awaited<ReturnType<typeof obtainCode>>;

/** Simulates that time has passed since the code was used. */
async function waitAfterUse(seconds: number): Promise<void> {
  await server.db
    .updateTable('artifacts')
    .set({ consumed_at: new Date(Date.now() - seconds * 1_000) })
    .where('model', '=', 'AuthorizationCode')
    .where('consumed_at', 'is not', null)
    .execute();
}

const wrongVerifier = 'b'.repeat(43);

// The ids at the beginning of titles are rows of docs/security.md.
it.each<[string, (code: Code, other: TestClient) => Promise<unknown>]>([
  ['with another verifier', async (code) => redeem(server, client, { ...code, codeVerifier: wrongVerifier })],
  ['without a verifier', async (code) => redeem(server, client, { ...code, codeVerifier: '' })],
  ['by another client', async (code, other) => redeem(server, { ...other, redirectUri: client.redirectUri }, code)],
  ['after ten seconds', async (code) => waitAfterUse(11).then(async () => redeem(server, client, code))],
  ['after an hour', async (code) => waitAfterUse(3_600).then(async () => redeem(server, client, code))],
])('T1: if a code is used again %s, its grant ends, and the table of revocations says why', async (_, repeat) => {
  const other = await addClient(server);
  const code = await obtainCode(server, owner.browser, client);
  const first = json(await redeem(server, client, code));
  expect(await repeat(code, other)).toMatchObject({ status: 400, text: expect.stringContaining('invalid_grant') });
  expect(json(await refresh(server, client, String(first['refresh_token'])))['error']).toBe('invalid_grant');
  expect(await introspect(server, String(first['access_token']))).toEqual({ active: false });
  const grantId = String(decodePart(String(first['access_token']), 1)['grant_id']);
  const revocation = await server.db
    .selectFrom('revocations')
    .selectAll()
    .where('grant_id', '=', grantId)
    .executeTakeFirstOrThrow();
  expect(revocation.reason).toBe('code_replay');
  expect([client.id, other.id]).toContain(revocation.revoked_by);
});

it('T1: a repeat by the same client within ten seconds, as when a page is loaded twice, is refused and ends nothing', async () => {
  const code = await obtainCode(server, owner.browser, client);
  const first = json(await redeem(server, client, code));
  for (const wait of [0, 5, 9]) {
    await waitAfterUse(wait);
    const again = await redeem(server, client, code);
    expect([again.status, json(again)['error']]).toEqual([400, 'invalid_grant']);
  }
  expect(await introspect(server, String(first['access_token']))).toMatchObject({ active: true });
  expect((await refresh(server, client, String(first['refresh_token']))).status).toBe(200);
});

it('T3: a code is bound to its client, redirect URI and verifier, and an error does not say which one was wrong', async () => {
  const other = await addClient(server);
  const misuse = [
    async () =>
      redeem(server, { ...other, redirectUri: client.redirectUri }, await obtainCode(server, owner.browser, client)),
    async () =>
      redeem(
        server,
        { ...client, redirectUri: 'https://app.example/other' },
        await obtainCode(server, owner.browser, client),
      ),
    async () =>
      redeem(server, client, { ...(await obtainCode(server, owner.browser, client)), codeVerifier: 'b'.repeat(43) }),
    async () => redeem(server, client, { code: 'c'.repeat(43), codeVerifier: 'b'.repeat(43) }),
  ];
  for (const attempt of misuse) {
    const answer = await attempt();
    expect([answer.status, json(answer)]).toEqual([
      400,
      { error: 'invalid_grant', error_description: 'grant request is invalid' },
    ]);
  }
});

it('T4: tokens are requested by POST with a form, and secrets in a URL are refused', async () => {
  const { code, codeVerifier } = await obtainCode(server, owner.browser, client);
  const fields = {
    grant_type: 'authorization_code',
    code,
    code_verifier: codeVerifier,
    redirect_uri: client.redirectUri,
  };
  const query = encodeForm({ ...fields, client_id: client.id, client_secret: client.secret ?? '' });
  expect((await send(`${server.issuer}/token?${query}`)).status).toBe(405);
  const asJson = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...basic(client.id, client.secret ?? '') },
    body: JSON.stringify(fields),
  };
  expect((await send(`${server.issuer}/token`, asJson)).status).toBe(400);
  const inQuery = await send(`${server.issuer}/token?${query}`, {
    method: 'POST',
    headers: formType,
    body: encodeForm({ grant_type: 'authorization_code' }),
  });
  expect(inQuery.status).toBeGreaterThanOrEqual(400);
});

it('T5: a client authenticates by one method; a wrong secret is answered with 401 and a challenge', async () => {
  const both = await postForm(
    `${server.issuer}/token`,
    { grant_type: 'refresh_token', refresh_token: 'x', client_id: client.id, client_secret: client.secret ?? '' },
    basic(client.id, client.secret ?? ''),
  );
  expect([both.status, json(both)['error']]).toEqual([400, 'invalid_request']);
  const wrong = await postForm(
    `${server.issuer}/token`,
    { grant_type: 'refresh_token', refresh_token: 'x' },
    basic(client.id, 'wrong'),
  );
  expect([wrong.status, json(wrong)['error']]).toEqual([401, 'invalid_client']);
  expect(header(wrong, 'www-authenticate')).toMatch(/^Basic /);
});

it('T6: guessing client secrets is limited, and does not lock the client itself out', async () => {
  const victim = await addClient(server);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const answer = await postForm(
      `${server.issuer}/token`,
      { grant_type: 'refresh_token', refresh_token: 'x' },
      basic(victim.id, `guess-${attempt}`),
    );
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(header(answer, 'retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses.filter((status) => status === 429).length).toBe(40);
  const right = await refresh(server, victim, 'x');
  expect(json(right)['error']).toBe('invalid_grant');
});

it('T7: no answer with a token may be cached', async () => {
  const code = await obtainCode(server, owner.browser, client);
  const answer = await redeem(server, client, code);
  expect(header(answer, 'cache-control')).toContain('no-store');
});

it('T8, T10: access tokens are RFC 9068 JWTs for one audience, and valid for at most ten minutes', async () => {
  const tokens = await connect(server, owner.browser, client);
  expect(decodePart(tokens.access_token, 0)).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: 'test-1' });
  const claims = decodePart(tokens.access_token, 1);
  expect(claims).toMatchObject({
    iss: server.issuer,
    sub: owner.accountId,
    aud: server.configuration.resourceProxyUrl,
    client_id: client.id,
    scope: usualScope,
    grant_id: expect.any(String),
    jti: expect.any(String),
  });
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(600);
});

it('T9: access tokens and their introspection contain the time of the owner’s sign-in, and a refresh does not change it', async () => {
  const tokens = await connect(server, owner.browser, client);
  const { auth_time: signedInAt, iat } = decodePart(tokens.access_token, 1);
  const { authenticated_at: stored } = await server.db
    .selectFrom('owner_sessions')
    .select('authenticated_at')
    .where('account_id', '=', owner.accountId)
    .orderBy('authenticated_at', 'desc')
    .executeTakeFirstOrThrow();
  expect(signedInAt).toBe(Math.floor(stored.getTime() / 1_000));
  expect(Number(signedInAt)).toBeLessThanOrEqual(Number(iat));
  expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true, auth_time: signedInAt });
  const refreshed = json(await refresh(server, client, tokens.refresh_token));
  expect(decodePart(String(refreshed['access_token']), 1)).toMatchObject({ auth_time: signedInAt });
  expect(await introspect(server, String(refreshed['access_token']))).toMatchObject({ auth_time: signedInAt });
});

it('T10: no token is valid after the end of its grant, not even a refresh token that was rotated (R6)', async () => {
  const tokens = await connect(server, owner.browser, client, {
    authorization_details: '[{"type":"ai_access","expires_in":120}]',
  });
  expect(tokens.expires_in).toBeLessThanOrEqual(120);
  const rotated = json(await refresh(server, client, tokens.refresh_token));
  expect(Number(rotated['expires_in'])).toBeLessThanOrEqual(120);
  server.advanceClock(60);
  const later = json(await refresh(server, client, String(rotated['refresh_token'])));
  server.advanceClock(-60);
  expect(Number(later['expires_in'])).toBeLessThanOrEqual(60);
  const grantId = String(decodePart(tokens.access_token, 1)['grant_id']);
  await server.db
    .updateTable('grants')
    .set({ expires_at: new Date(Date.now() - 1_000) })
    .where('id', '=', grantId)
    .execute();
  expect(json(await refresh(server, client, String(later['refresh_token'])))['error']).toBe('invalid_grant');
  expect(await introspect(server, String(later['access_token']))).toEqual({ active: false });
});

it('T12: there is no password grant', async () => {
  for (const of of [client, await addClient(server, { isPublic: true })])
    for (const grant_type of ['password']) {
      const { fields, headers } = authenticate(of);
      const answer = await postForm(
        `${server.issuer}/token`,
        { ...fields, grant_type, username: 'a', password: 'b' },
        headers,
      );
      expect([answer.status, json(answer)['error']]).toEqual([400, 'unsupported_grant_type']);
    }
});

it('T13: an error does not say what was wrong with a token', async () => {
  const tokens = await connect(server, owner.browser, client);
  const other = await addClient(server);
  await revoke(server, client, tokens.refresh_token);
  const answers = await Promise.all([
    refresh(server, client, tokens.refresh_token),
    refresh(server, other, tokens.refresh_token),
    refresh(server, client, 'never-issued'),
  ]);
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});

it('T14: codes and refresh tokens have 256 random bits', async () => {
  const { code } = await obtainCode(server, owner.browser, client);
  const { refresh_token } = await connect(server, owner.browser, client);
  for (const secret of [code, refresh_token]) expect(secret).toMatch(/^[\w-]{43}$/);
});

it('a request for openid gets an ID token, and an access token for the proxy as well', async () => {
  const tokens = await connect(server, owner.browser, client, { scope: `openid profile offline_access ${usualScope}` });
  expect(tokens.scope).toBe(`openid offline_access ${usualScope}`);
  expect(decodePart(tokens.access_token, 1)['scope']).toBe(usualScope);
  const narrower = json(await refresh(server, client, tokens.refresh_token, { scope: 'openid cap:chat' }));
  expect(narrower['scope']).toBe('openid cap:chat');
  const idToken = String((tokens as unknown as Record<string, unknown>)['id_token']);
  expect(decodePart(idToken, 0)).toMatchObject({ alg: 'ES256' });
  expect(decodePart(idToken, 1)).toMatchObject({ iss: server.issuer, sub: owner.accountId, aud: client.id });
});

it('no tokens are issued for an account that was disabled between consent and redemption', async () => {
  const somebody = await createOwner(server);
  const code = await obtainCode(server, somebody.browser, client);
  await server.db
    .updateTable('accounts')
    .set({ disabled_at: new Date() })
    .where('id', '=', somebody.accountId)
    .execute();
  expect(json(await redeem(server, client, code))['error']).toBe('invalid_grant');
});
