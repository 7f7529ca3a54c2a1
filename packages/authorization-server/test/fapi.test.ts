import { insertClientProfile } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { addKeyedClient, assertClient, type KeyedClient } from './support/assertion.js';
import { type Page, readText } from './support/browser.js';
import { buildRequest, introspect, redirectUri, usualScope } from './support/client.js';
import { type Answer, type FormFields, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, type ProofKey, prove } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';

// These tests send over HTTP the requests that the OpenID Foundation's test suite for the FAPI 2.0 Security Profile
// sends to an authorization server (see docs/conformance.md).

let database: TestDatabase;
let server: TestServer;
let owner: Owner;
/** Signs the client's proofs. Another key signs its assertions. */
let proofKey: ProofKey;
let app: KeyedClient;
let otherApp: KeyedClient;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database });
  owner = await createOwner(server);
  proofKey = await makeProofKey();
  app = await addAssuredClient();
  otherApp = await addAssuredClient();
});
afterAll(async () => {
  await server.close();
  await database.close();
});

/**
 * Adds a client as `clients create --profile fapi_2_0` does. Its stored metadata does not contain the values
 * that the profile requires, because the server adds them.
 */
async function addAssuredClient(): Promise<KeyedClient> {
  const keyed = await addKeyedClient(server, await makeProofKey('PS256'), { token_endpoint_auth_method: undefined });
  await insertClientProfile(server.db, keyed.client.id, 'fapi_2_0');
  return keyed;
}

const errorOf = (answer: Answer) => `${answer.status} ${String(json(answer)['error'])}`;

interface Pushed {
  readonly answer: Answer;
  readonly codeVerifier: string;
}

/** Pushes an authorization request. A parameter that is given as '' is left out. */
async function push(parameters: Readonly<Record<string, string>> = {}, authentication?: FormFields): Promise<Pushed> {
  const { url, codeVerifier } = await buildRequest(server, app.client, { prompt: 'consent', ...parameters });
  const form = { ...Object.fromEntries(url.searchParams), ...(authentication ?? (await assertClient(server, app))) };
  return { answer: await postForm(`${server.issuer}/par`, form), codeVerifier };
}

const open = (requestUri: unknown, { client } = app): Promise<Page> =>
  owner.browser.open(
    `/authorize?${new URLSearchParams({ client_id: client.id, request_uri: String(requestUri) }).toString()}`,
  );

const allow = (page: Page) => owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' });

interface Code {
  readonly code: string;
  readonly codeVerifier: string;
}

async function obtainCode(parameters: Readonly<Record<string, string>> = {}): Promise<Code> {
  const { answer, codeVerifier } = await push(parameters);
  const back = await allow(await open(json(answer)['request_uri']));
  return { code: back.url.searchParams.get('code') ?? '', codeVerifier };
}

async function ask(form: FormFields, proof: string | undefined, of = app, replica = server.issuer): Promise<Answer> {
  const headers = { host: new URL(server.issuer).host, ...(proof === undefined ? {} : { dpop: proof }) };
  return postForm(`${replica}/token`, { ...form, ...(await assertClient(server, of)) }, headers);
}

/** Makes stored artifacts that were not used yet look older. Their column `expires_at` does not change. */
async function makeOlder(model: string, seconds: number): Promise<void> {
  const unused = server.db.selectFrom('artifacts').select(['id_hash', 'payload']).where('model', '=', model);
  for (const { id_hash: idHash, payload } of await unused.where('consumed_at', 'is', null).execute()) {
    const older = { ...payload, iat: Number(payload['iat']) - seconds, exp: Number(payload['exp']) - seconds };
    await server.db
      .updateTable('artifacts')
      .set({ payload: JSON.stringify(older) })
      .where('model', '=', model)
      .where('id_hash', '=', idHash)
      .execute();
  }
}

const proveToToken = (key = proofKey) => prove(key, `${server.issuer}/token`);

const describeRedemption = ({ code, codeVerifier }: Code): FormFields => ({
  grant_type: 'authorization_code',
  code,
  code_verifier: codeVerifier,
  redirect_uri: redirectUri,
});

it('openid-client pushes, connects and refreshes at two replicas, with authorization_details', async () => {
  let sent = 0;
  const customFetch: openid.CustomFetch = async (address, { method, headers, body }) => {
    const url = new URL(address);
    const replica = `${server.urls[sent++ % 2]}${url.pathname}`;
    const form = body instanceof URLSearchParams ? body.toString() : '';
    const answer = await send(replica, { method, headers: { ...headers, host: url.host }, body: form });
    const received = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]);
    return new Response(answer.text, { status: answer.status, headers: received });
  };
  const config = await openid.discovery(
    new URL(server.issuer),
    app.client.id,
    undefined,
    openid.PrivateKeyJwt(app.key.privateKey),
    { execute: [openid.allowInsecureRequests], algorithm: 'oauth2', [openid.customFetch]: customFetch },
  );
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
  const codeVerifier = openid.randomPKCECodeVerifier();
  const url = await openid.buildAuthorizationUrlWithPAR(
    config,
    {
      redirect_uri: redirectUri,
      scope: usualScope,
      code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([{ type: 'ai_access', max_requests: 20 }]),
    },
    { DPoP },
  );
  const back = await allow(await owner.browser.open(url));
  const tokens = await openid.authorizationCodeGrant(config, back.url, { pkceCodeVerifier: codeVerifier }, undefined, {
    DPoP,
  });
  expect(tokens.token_type).toBe('dpop');
  expect(tokens['authorization_details']).toMatchObject([{ type: 'ai_access', max_requests: 20 }]);
  const refreshToken = tokens.refresh_token ?? '';
  for (let round = 0; round < 4; round += 1) {
    const next = await openid.refreshTokenGrant(config, refreshToken, undefined, { DPoP });
    expect(next.refresh_token).toBe(refreshToken);
    expect(next['authorization_details']).toMatchObject([{ type: 'ai_access', max_requests: 20 }]);
    const cnf = decodeJwt(tokens.access_token)['cnf'];
    expect(await introspect(server, next.access_token)).toMatchObject({ active: true, cnf, token_type: 'DPoP' });
  }
  await openid.tokenRevocation(config, refreshToken);
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
});

// The ids at the beginning of titles are rows of docs/security.md.
it('A21: a request that was not pushed is refused, and pushing needs an assertion', async () => {
  const { url } = await buildRequest(server, app.client);
  const page = await owner.browser.open(url);
  expect(page.url.searchParams.get('error')).toBe('invalid_request');
  expect(page.url.searchParams.get('iss')).toBe(server.issuer);
  expect(errorOf((await push({}, {})).answer)).toBe('401 invalid_client');
  expect(errorOf((await push({}, { client_secret: 'x' })).answer)).toBe('401 invalid_client');
  expect(errorOf((await push({}, await assertClient(server, otherApp))).answer)).toBe('400 invalid_request');
});

it('a pushed request is refused without a registered redirect URI, without PKCE with S256, and with another response type than code', async () => {
  const refused: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
    'no redirect_uri': [{ redirect_uri: '' }, 'invalid_request'],
    'another redirect_uri': [{ redirect_uri: 'https://evil.example/callback' }, 'invalid_request'],
    'a redirect_uri with a query': [{ redirect_uri: `${redirectUri}?x=1` }, 'invalid_request'],
    'a redirect_uri below': [{ redirect_uri: `${redirectUri}/more` }, 'invalid_request'],
    'an http redirect_uri': [{ redirect_uri: redirectUri.replace('https', 'http') }, 'invalid_request'],
    'no code_challenge': [{ code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    'plain, by default': [{ code_challenge_method: '' }, 'invalid_request'],
    'plain, by name': [{ code_challenge_method: 'plain' }, 'invalid_request'],
    'response_type token': [{ response_type: 'token' }, 'invalid_request'],
    'response_type id_token': [{ response_type: 'id_token' }, 'invalid_request'],
    'response_type code id_token': [{ response_type: 'code id_token' }, 'invalid_request'],
    'response_type none': [{ response_type: 'none' }, 'unsupported_response_type'],
    'a fragment': [{ response_mode: 'fragment' }, 'invalid_request'],
    'a request_uri': [{ request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
    'a request object': [{ request: 'x.y.z' }, 'request_not_supported'],
  };
  const seen: string[] = [];
  for (const [what, [parameters]] of Object.entries(refused)) {
    const { answer } = await push(parameters);
    seen.push(`${what}: ${String(json(answer)['error'])}`);
    expect([what, answer.status >= 400 && answer.status < 500]).toEqual([what, true]);
    expect([what, json(answer)['request_uri']]).toEqual([what, undefined]);
  }
  expect(seen).toEqual(Object.entries(refused).map(([what, [, error]]) => `${what}: ${error}`));
});

it('A20: a pushed request is used once, by its own client, within a minute, and parameters sent with it have no effect', async () => {
  const { answer } = await push();
  const { request_uri: requestUri, expires_in: seconds } = json(answer);
  expect(seconds).toBe(60);
  const stolen = await open(requestUri, otherApp);
  expect([stolen.status, readText(stolen.text)]).toEqual([400, expect.stringContaining('invalid_request')]);
  const beside = new URLSearchParams({
    client_id: app.client.id,
    request_uri: String(requestUri),
    scope: 'cap:images',
  });
  const page = await owner.browser.open(`/authorize?${beside.toString()}`);
  expect(page.text).not.toContain('name="scope" value="cap:images"');
  expect((await allow(page)).url.searchParams.get('code')).not.toBeNull();
  const again = await open(requestUri);
  expect(again.url.searchParams.get('error') ?? readText(again.text)).toContain('invalid_request_uri');
  const late = json((await push()).answer)['request_uri'];
  await makeOlder('PushedAuthorizationRequest', 60);
  const expired = await open(late);
  expect(expired.url.searchParams.get('error') ?? readText(expired.text)).toContain('invalid_request_uri');
});

it('an invalid redemption changes nothing, and the code can still be redeemed once', async () => {
  const { code, codeVerifier } = await obtainCode({ dpop_jkt: proofKey.thumbprint });
  const good = describeRedemption({ code, codeVerifier });
  const otherKey = await makeProofKey();
  const refused: readonly (readonly [string, () => Promise<Answer>, string])[] = [
    ['another client', async () => ask(good, await proveToToken(), otherApp), 'invalid_grant'],
    ['no proof', () => ask(good, undefined), 'invalid_grant'],
    ['another key', async () => ask(good, await proveToToken(otherKey)), 'invalid_grant'],
    ['a proof for another address', async () => ask(good, await prove(proofKey, server.issuer)), 'invalid_dpop_proof'],
    ['no verifier', async () => ask({ ...good, code_verifier: [] }, await proveToToken()), 'invalid_grant'],
    [
      'another verifier',
      async () => ask({ ...good, code_verifier: 'x'.repeat(43) }, await proveToToken()),
      'invalid_grant',
    ],
    [
      'another redirect_uri',
      async () => ask({ ...good, redirect_uri: `${redirectUri}/x` }, await proveToToken()),
      'invalid_grant',
    ],
    [
      'the password grant',
      async () => ask({ grant_type: 'password', username: 'x', password: 'y' }, await proveToToken()),
      'unsupported_grant_type',
    ],
  ];
  for (const [what, request, error] of refused)
    expect([what, errorOf(await request())]).toEqual([what, `400 ${error}`]);
  const tokens = await ask(good, await proveToToken(), app, server.urls[1]);
  expect([tokens.status, json(tokens)['token_type']]).toEqual([200, 'DPoP']);
  expect(errorOf(await ask(good, await proveToToken()))).toBe('400 invalid_grant');
});

it('A17: a code lives for 60 seconds, without leeway', async () => {
  const issuedAt = Date.now();
  const { code, codeVerifier } = await obtainCode();
  const { payload } = await server.db
    .selectFrom('artifacts')
    .select('payload')
    .where('model', '=', 'AuthorizationCode')
    .where('consumed_at', 'is', null)
    .executeTakeFirstOrThrow();
  expect(Number(payload['exp'])).toBeLessThanOrEqual(Math.ceil(issuedAt / 1_000) + 61);
  expect(Number(payload['exp']) - Number(payload['iat'])).toBe(60);
  await makeOlder('AuthorizationCode', 60);
  expect(errorOf(await ask(describeRedemption({ code, codeVerifier }), await proveToToken()))).toBe(
    '400 invalid_grant',
  );
});

it('R1: the refresh tokens of this profile are not rotated, and need the client’s assertion and a proof', async () => {
  const tokens = json(await ask(describeRedemption(await obtainCode()), await proveToToken()));
  const form = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) };
  const used = await proveToToken();
  const nexts = [
    json(await ask(form, used)),
    json(await ask(form, await proveToToken(), app, server.urls[1])),
    json(await ask(form, await proveToToken(await makeProofKey()))),
  ];
  expect(nexts.map((next) => next['refresh_token'])).toEqual(nexts.map(() => tokens['refresh_token']));
  expect(new Set(nexts.map((next) => next['access_token'])).size).toBe(3);
  expect(errorOf(await ask(form, undefined))).toBe('400 invalid_grant');
  expect(errorOf(await ask(form, used))).toBe('400 invalid_dpop_proof');
  expect(errorOf(await ask(form, await proveToToken(), otherApp))).toBe('400 invalid_grant');
  const unauthenticated = { ...form, client_id: app.client.id };
  expect(errorOf(await postForm(`${server.issuer}/token`, unauthenticated, { dpop: await proveToToken() }))).toBe(
    '401 invalid_client',
  );
  const kept = await server.db
    .selectFrom('artifacts')
    .select('model')
    .where('model', '=', 'RefreshAnswer')
    .executeTakeFirst();
  expect(kept).toBeUndefined();
  expect((await ask(form, await proveToToken())).status).toBe(200);
});

it('T11: with this profile, the audience of an assertion must be a string and not a list', async () => {
  const token = { token: 'x' };
  const asList = await assertClient(server, app, { claims: { aud: [server.issuer] } });
  expect(errorOf(await postForm(`${server.issuer}/revoke`, { ...token, ...asList }))).toBe('401 invalid_client');
  const ordinary = await addKeyedClient(server, await makeProofKey());
  const accepted = await assertClient(server, ordinary, { claims: { aud: [server.issuer] } });
  expect((await postForm(`${server.issuer}/revoke`, { ...token, ...accepted })).status).toBe(200);
});

it('a client cannot give itself a profile when it registers', async () => {
  const body = JSON.stringify({
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'client_secret_basic',
    aipassport_profile: 'fapi_2_0',
  });
  const headers = { 'content-type': 'application/json' };
  const registered = json(await send(`${server.issuer}/register`, { method: 'POST', headers, body }));
  expect([registered['token_endpoint_auth_method'], registered['aipassport_profile']]).toEqual([
    'client_secret_basic',
    undefined,
  ]);
});
