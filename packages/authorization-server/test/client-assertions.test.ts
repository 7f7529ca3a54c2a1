import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLog, startAuthorizationServer } from '../src/index.js';
import { addKeyedClient, assertClient, type KeyedClient } from './support/assertion.js';
import { buildRequest, introspect, obtainCode, redirectUri } from './support/client.js';
import { type Answer, type FormFields, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, type ProofChanges, type ProofKey } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let server: TestServer;
let owner: Owner;
let key: ProofKey;
let otherKey: ProofKey;
let keyed: KeyedClient;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database });
  owner = await createOwner(server);
  key = await makeProofKey();
  otherKey = await makeProofKey();
  keyed = await addKeyedClient(server, key);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

const post = (path: string, form: FormFields, replica = server.issuer): Promise<Answer> =>
  postForm(`${replica}${path}`, form, { host: new URL(server.issuer).host });

async function describeRedemption(of: KeyedClient): Promise<FormFields> {
  const { code, codeVerifier } = await obtainCode(server, owner.browser, of.client);
  return { grant_type: 'authorization_code', code, code_verifier: codeVerifier, redirect_uri: redirectUri };
}

async function connect(of: KeyedClient): Promise<Record<string, string>> {
  const answer = await post('/token', { ...(await describeRedemption(of)), ...(await assertClient(server, of)) });
  if (answer.status !== 200) throw new Error(answer.text);
  return json(answer) as Record<string, string>;
}

const now = () => Math.floor(Date.now() / 1_000);
const errorOf = (answer: Answer) => `${answer.status} ${String(json(answer)['error'])}`;

async function register(metadata: object): Promise<Answer> {
  const body = JSON.stringify({
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
    ...metadata,
  });
  return send(`${server.issuer}/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

// The ids at the beginning of titles are rows of docs/security.md.
it('T11: a client that registers its public keys authenticates with assertions, and has no secret', async () => {
  for (const algorithm of ['PS256', 'ES256', 'EdDSA', 'Ed25519']) {
    const signer = await makeProofKey(algorithm);
    const registered = json(await register({ jwks: { keys: [{ ...signer.publicJwk, kid: 'k', use: 'sig' }] } }));
    expect([registered['token_endpoint_auth_method'], registered['client_secret']]).toEqual([
      'private_key_jwt',
      undefined,
    ]);
    const client = { id: String(registered['client_id']), secret: undefined, redirectUri };
    const tokens = await connect({ client, key: signer });
    expect(await introspect(server, String(tokens['access_token']))).toMatchObject({
      active: true,
      client_id: client.id,
    });
  }
});

it('T11: a client can authenticate with assertions to push, refresh, revoke and introspect', async () => {
  const pushed = await post('/par', {
    ...Object.fromEntries((await buildRequest(server, keyed.client)).url.searchParams),
    ...(await assertClient(server, keyed)),
  });
  expect([pushed.status, Object.keys(json(pushed)).sort()]).toEqual([201, ['expires_in', 'request_uri']]);
  const stored = await server.db
    .selectFrom('artifacts')
    .select('payload')
    .where('model', '=', 'PushedAuthorizationRequest')
    .execute();
  expect(stored.length).toBeGreaterThan(0);
  for (const { payload } of stored) {
    const [, request = ''] = String(payload['request']).split('.');
    expect(Buffer.from(request, 'base64url').toString()).not.toContain('client_assertion');
  }
  const tokens = await connect(keyed);
  const refreshing = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) };
  const next = await post('/token', { ...refreshing, ...(await assertClient(server, keyed)) }, server.urls[1]);
  expect(next.status).toBe(200);
  const { access_token: token } = json(next);
  expect(errorOf(await post('/revoke', { token: String(token), client_id: keyed.client.id }))).toBe(
    '401 invalid_client',
  );
  expect((await introspect(server, String(token)))['active']).toBe(true);
  expect((await post('/revoke', { token: String(token), ...(await assertClient(server, keyed)) })).status).toBe(200);
  expect((await introspect(server, String(token)))['active']).toBe(false);
  const asked = await post('/introspect', { token: String(token), ...(await assertClient(server, keyed)) });
  expect([asked.status, json(asked)]).toEqual([200, { active: false }]);
});

it('T11: metadata names the method and its algorithms, at the token and the revocation endpoint', async () => {
  const metadata = json(await send(`${server.issuer}/.well-known/oauth-authorization-server`));
  const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'];
  const algorithms = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];
  expect(metadata).toMatchObject({
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
  });
});

/** Invalid assertions, each with the words in the answer that say what to correct. */
const bad: Readonly<Record<string, readonly [() => ProofChanges, RegExp]>> = {
  'the token endpoint as its audience': [() => ({ claims: { aud: `${server.issuer}/token` } }), /aud .* issuer/],
  'another issuer as its audience': [() => ({ claims: { aud: 'https://evil.example' } }), /aud .* issuer/],
  'two audiences': [() => ({ claims: { aud: [server.issuer, 'https://evil.example'] } }), /aud .* issuer/],
  'no audience': [() => ({ claims: { aud: undefined } }), /no aud/],
  'another iss': [() => ({ claims: { iss: 'someone' } }), /iss .* client_id/],
  'no iss': [() => ({ claims: { iss: undefined } }), /no iss/],
  'no sub': [() => ({ claims: { sub: undefined } }), /no sub/],
  'no jti': [() => ({ claims: { jti: undefined } }), /no jti/],
  'no exp': [() => ({ claims: { exp: undefined } }), /no exp/],
  'an exp that is past': [() => ({ claims: { iat: now() - 120, exp: now() - 60 } }), /expired/],
  'an exp in two hours': [() => ({ claims: { exp: now() + 7_200 } }), /within an hour/],
  'an nbf in a minute': [() => ({ claims: { nbf: now() + 60 } }), /nbf .* future/],
  'an iat in more than a minute': [() => ({ claims: { iat: now() + 70, exp: now() + 120 } }), /iat .* future/],
  'a kid that is not registered': [() => ({ header: { kid: 'other' } }), /no key .* kid/],
};

it('T11: an invalid assertion is refused and changes nothing, and the answer says what to correct', async () => {
  const form = await describeRedemption(keyed);
  for (const [what, [change, words]] of Object.entries(bad)) {
    const answer = await post('/token', { ...form, ...(await assertClient(server, keyed, change())) });
    expect([what, errorOf(answer), json(answer)['error_description']]).toEqual([
      what,
      '401 invalid_client',
      expect.stringMatching(words),
    ]);
  }
  const forged = await assertClient(server, { ...keyed, key: otherKey });
  const weak = await assertClient(server, { ...keyed, key: await makeProofKey('RS256') });
  const [, body = ''] = forged.client_assertion.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  for (const [assertion, words] of [
    [forged.client_assertion, /no key .* verifies/],
    [weak.client_assertion, /signed with one of PS256/],
    [`${none}.${body}.`, /signed with one of PS256/],
  ] as const) {
    const answer = await post('/token', { ...form, ...forged, client_assertion: assertion });
    expect([errorOf(answer), json(answer)['error_description']]).toEqual([
      '401 invalid_client',
      expect.stringMatching(words),
    ]);
  }
  const malformed = await post('/token', { ...form, ...forged, client_assertion: 'x' });
  expect(errorOf(malformed)).toBe('400 invalid_request');
  const soon = await assertClient(server, keyed, { claims: { iat: now() + 8, nbf: now() + 8 } });
  expect((await post('/token', { ...form, ...soon })).status).toBe(200);
});

it('T11: a client authenticates in one way, and only in the way that it registered', async () => {
  const form = await describeRedemption(keyed);
  const assertion = await assertClient(server, keyed);
  expect(errorOf(await post('/token', { ...form, client_id: keyed.client.id }))).toBe('401 invalid_client');
  const secret = { client_id: keyed.client.id, client_secret: 'x' };
  expect(errorOf(await post('/token', { ...form, ...secret }))).toBe('401 invalid_client');
  expect(errorOf(await post('/token', { ...form, ...secret, ...assertion }))).toBe('400 invalid_request');
  const other = await addKeyedClient(server, otherKey);
  expect(errorOf(await post('/token', { ...form, ...(await assertClient(server, other)) }))).toBe('400 invalid_grant');
  expect((await post('/token', { ...form, ...assertion })).status).toBe(200);
});

it('T11: an assertion is accepted only once, at all endpoints and replicas, after a restart, and in simultaneous requests', async () => {
  const form = await describeRedemption(keyed);
  const assertion = await assertClient(server, keyed);
  expect((await post('/token', { ...form, ...assertion })).status).toBe(200);
  const restarted = await startAuthorizationServer(
    { ...server.configuration, port: 0 },
    { log: createLog('error'), now: () => new Date() },
  );
  for (const replica of [...server.urls, restarted.url])
    for (const path of ['/token', '/revoke', '/introspect', '/par']) {
      const answer = await post(path, { ...form, token: 'x', ...assertion }, replica);
      expect([path, errorOf(answer), json(answer)['error_description']]).toEqual([
        path,
        '401 invalid_client',
        expect.stringContaining('used before'),
      ]);
    }
  await restarted.close();
  const refused = await assertClient(server, keyed);
  expect(errorOf(await post('/token', { ...form, code: 'x', ...refused }))).toBe('400 invalid_grant');
  expect(errorOf(await post('/token', { ...form, code: 'x', ...refused }))).toBe('401 invalid_client');
  const once = await assertClient(server, keyed);
  const revocations = Array.from({ length: 20 }, (_, index) =>
    post('/revoke', { token: 'x', ...once }, server.urls[index % 2]),
  );
  const statuses = (await Promise.all(revocations)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBe(1);
});

it('T11: an assertion is accepted even if another client has used the same jti', async () => {
  const other = await addKeyedClient(server, otherKey);
  const claims = { jti: randomUUID() };
  for (const one of [keyed, other])
    expect((await post('/revoke', { token: 'x', ...(await assertClient(server, one, { claims })) })).status).toBe(200);
});

it('refuses keys that cannot verify a signature, are not public, or would have to be fetched, and says why', async () => {
  const { publicJwk, privateJwk } = key;
  const { publicJwk: rsa } = await makeProofKey('PS256');
  const symmetric = { kty: 'oct', k: 'c2VjcmV0' };
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ jwks_uri: 'https://app.example/jwks' }, /jwks_uri is not supported.*Send the keys themselves in jwks/],
    [{ jwks: { keys: [publicJwk] }, jwks_uri: 'https://app.example/jwks' }, /jwks_uri is not supported/],
    [{}, /jwks must be a JSON Web Key Set/],
    [{ jwks: { keys: [] } }, /jwks must be a JSON Web Key Set/],
    [{ jwks: { keys: Array.from({ length: 11 }, () => publicJwk) } }, /1 to 10 keys/],
    [{ jwks: 'text' }, /jwks must be a JSON Web Key Set/],
    [{ jwks: { keys: [privateJwk] } }, /public keys only.*make a new key pair/],
    [{ jwks: { keys: [publicJwk, symmetric] } }, /public keys only/],
    [{ jwks: { keys: [{ ...rsa, n: Buffer.alloc(128, 1).toString('base64url') }] } }, /RSA with at least 2048 bits/],
    [{ jwks: { keys: [{ ...publicJwk, crv: 'P-521' }] } }, /EC with P-256/],
    [{ jwks: { keys: [{ ...publicJwk, alg: 'ES512' }] } }, /alg should be ES256/],
    [{ jwks: { keys: [{ ...publicJwk, use: 'enc' }] } }, /use is not sig/],
    [
      {
        jwks: {
          keys: [
            { ...publicJwk, kid: 'a' },
            { ...rsa, kid: 'a' },
          ],
        },
      },
      /same kid/,
    ],
    [{ token_endpoint_auth_method: 'none', jwks: { keys: [privateJwk] } }, /public keys only/],
  ];
  for (const [metadata, words] of refused) {
    const answer = await register(metadata);
    expect([errorOf(answer), json(answer)['error_description']]).toEqual([
      '400 invalid_client_metadata',
      expect.stringMatching(words),
    ]);
  }
});
