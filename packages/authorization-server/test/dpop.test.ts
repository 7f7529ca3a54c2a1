import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { createLog, startAuthorizationServer } from '../src/index.js';
import {
  addClient,
  authenticate,
  buildRequest,
  introspect,
  obtainCode,
  pressButton,
  redirectUri,
  type TestClient,
  usualScope,
} from './support/client.js';
import { type Answer, basic, type FormFields, header, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, type ProofChanges, type ProofKey, prove } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let server: TestServer;
let owner: Owner;
let client: TestClient;
let spa: TestClient;
let key: ProofKey;
let otherKey: ProofKey;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database });
  owner = await createOwner(server);
  client = await addClient(server);
  spa = await addClient(server, { isPublic: true });
  key = await makeProofKey();
  otherKey = await makeProofKey();
});
afterAll(async () => {
  await server.close();
  await database.close();
});

type Code = Awaited<ReturnType<typeof obtainCode>>;

/** The `htu` of proofs for the token endpoint. It is the same for every replica. */
const tokenUrl = () => `${server.issuer}/token`;
const proveTo = (proofKey: ProofKey, changes?: ProofChanges) => prove(proofKey, tokenUrl(), changes);

async function ask(asker: TestClient, form: FormFields, proof?: string, replica = server.issuer): Promise<Answer> {
  const { fields, headers } = authenticate(asker);
  const host = new URL(server.issuer).host;
  const sent = { ...headers, host, ...(proof === undefined ? {} : { dpop: proof }) };
  return postForm(`${replica}/token`, { ...fields, ...form }, sent);
}

const redeem = (asker: TestClient, { code, codeVerifier }: Code, proof?: string, replica?: string) => {
  const form = { grant_type: 'authorization_code', code, code_verifier: codeVerifier, redirect_uri: redirectUri };
  return ask(asker, form, proof, replica);
};

const refresh = (asker: TestClient, refreshToken: unknown, proof?: string, replica?: string) =>
  ask(asker, { grant_type: 'refresh_token', refresh_token: String(refreshToken) }, proof, replica);

async function connect(asker: TestClient, proofKey = key): Promise<Record<string, unknown>> {
  const code = await obtainCode(server, owner.browser, asker);
  const answer = await redeem(asker, code, await proveTo(proofKey));
  if (answer.status !== 200) throw new Error(answer.text);
  return json(answer);
}

const errorOf = (answer: Answer) => `${answer.status} ${String(json(answer)['error'])}`;

// The ids at the beginning of titles are rows of docs/security.md.
it('N1: a client that sends a proof gets tokens that are bound to its key, and the answer, the token and introspection say so', async () => {
  for (const algorithm of ['ES256', 'EdDSA', 'PS256'])
    for (const asker of [client, spa]) {
      const proofKey = await makeProofKey(algorithm);
      const tokens = await connect(asker, proofKey);
      const next = json(await refresh(asker, tokens['refresh_token'], await proveTo(proofKey)));
      for (const { token_type: type, access_token: accessToken } of [tokens, next]) {
        const cnf = { jkt: proofKey.thumbprint };
        expect([type, decodeJwt(String(accessToken))['cnf']]).toEqual(['DPoP', cnf]);
        expect(await introspect(server, String(accessToken))).toMatchObject({ active: true, cnf, token_type: 'DPoP' });
      }
    }
});

it('N1: a client that sends no proof gets bearer tokens', async () => {
  const tokens = json(await redeem(client, await obtainCode(server, owner.browser, client)));
  expect([tokens['token_type'], decodeJwt(String(tokens['access_token']))['cnf']]).toEqual(['Bearer', undefined]);
  const answer = await introspect(server, String(tokens['access_token']));
  expect([answer['token_type'], answer['cnf']]).toEqual(['Bearer', undefined]);
});

it('N1: metadata names the algorithms of proofs', async () => {
  const metadata = json(await send(`${server.issuer}/.well-known/oauth-authorization-server`));
  expect(metadata['dpop_signing_alg_values_supported']).toEqual(['PS256', 'ES256', 'EdDSA', 'Ed25519']);
});

it('N1: a client that registers dpop_bound_access_tokens gets no token without a proof, and its code stays valid', async () => {
  const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none', dpop_bound_access_tokens: true };
  const body = JSON.stringify(metadata);
  const headers = { 'content-type': 'application/json' };
  const registered = json(await send(`${server.issuer}/register`, { method: 'POST', headers, body }));
  expect(registered['dpop_bound_access_tokens']).toBe(true);
  const asker = { id: String(registered['client_id']), secret: undefined, redirectUri };
  const code = await obtainCode(server, owner.browser, asker);
  expect(errorOf(await redeem(asker, code))).toBe('400 invalid_grant');
  const tokens = json(await redeem(asker, code, await proveTo(key)));
  expect(tokens['token_type']).toBe('DPoP');
});

it('N1: userinfo refuses a bound token that is sent as a bearer token', async () => {
  const { access_token: token } = await connect(client);
  const answer = await send(`${server.issuer}/userinfo`, { headers: { authorization: `Bearer ${String(token)}` } });
  expect([answer.status, header(answer, 'www-authenticate')]).toEqual([
    401,
    'DPoP error="invalid_token", algs="PS256 ES256 EdDSA Ed25519"',
  ]);
  expect(json(answer)['error_description']).toContain('bound to a key');
});

it('N6: the refresh token of a public client is bound to its key, and a refusal changes nothing', async () => {
  const { refresh_token: token } = await connect(spa);
  expect(errorOf(await refresh(spa, token))).toBe('400 invalid_grant');
  expect(errorOf(await refresh(spa, token, await proveTo(otherKey)))).toBe('400 invalid_grant');
  const next = json(await refresh(spa, token, await proveTo(key), server.urls[1]));
  expect(errorOf(await refresh(spa, next['refresh_token'], await proveTo(otherKey)))).toBe('400 invalid_grant');
  expect(json(await refresh(spa, next['refresh_token'], await proveTo(key)))['token_type']).toBe('DPoP');
});

it('N6: a client with a secret may change its key, and the new access token is bound to the new key', async () => {
  const { refresh_token: token } = await connect(client);
  const next = json(await refresh(client, token, await proveTo(otherKey)));
  expect(decodeJwt(String(next['access_token']))['cnf']).toEqual({ jkt: otherKey.thumbprint });
});

it('R3: a repeated refresh with the same key gets the same answer; with another key, it gets a token bound to that key', async () => {
  const { refresh_token: token } = await connect(client);
  const first = json(await refresh(client, token, await proveTo(key)));
  expect(json(await refresh(client, token, await proveTo(key), server.urls[1]))).toEqual(first);
  const other = json(await refresh(client, token, await proveTo(otherKey)));
  expect(decodeJwt(String(other['access_token']))['cnf']).toEqual({ jkt: otherKey.thumbprint });
  expect(other['refresh_token']).toBe(first['refresh_token']);
  const bearer = json(await refresh(client, token));
  expect([bearer['token_type'], bearer['refresh_token']]).toEqual(['Bearer', first['refresh_token']]);
});

it('N7: a code is bound to the dpop_jkt that was sent to /authorize or pushed, or to the key of the pushed request’s proof', async () => {
  const push = async (proof: string | undefined, parameters: Readonly<Record<string, string>>): Promise<Code> => {
    const request = await buildRequest(server, client, parameters);
    const { fields, headers } = authenticate(client);
    const form = { ...fields, ...Object.fromEntries(request.url.searchParams), prompt: 'consent' };
    const sent = { ...headers, ...(proof === undefined ? {} : { dpop: proof }) };
    const pushed = json(await postForm(`${server.issuer}/par`, form, sent));
    const url = new URL('/authorize', server.issuer);
    url.searchParams.set('client_id', client.id);
    url.searchParams.set('request_uri', String(pushed['request_uri']));
    const page = await owner.browser.open(url);
    const back = await pressButton(owner.browser, page, 'allow');
    return { code: back.url.searchParams.get('code') ?? '', codeVerifier: request.codeVerifier };
  };
  const bound = [
    await obtainCode(server, owner.browser, client, { dpop_jkt: key.thumbprint }),
    await push(undefined, { dpop_jkt: key.thumbprint }),
    await push(await prove(key, `${server.issuer}/par`), {}),
    await push(await prove(key, `${server.issuer}/par`), { dpop_jkt: key.thumbprint }),
  ];
  for (const code of bound) {
    expect(errorOf(await redeem(client, code))).toBe('400 invalid_grant');
    expect(errorOf(await redeem(client, code, await proveTo(otherKey)))).toBe('400 invalid_grant');
    const tokens = json(await redeem(client, code, await proveTo(key), server.urls[1]));
    expect(decodeJwt(String(tokens['access_token']))['cnf']).toEqual({ jkt: key.thumbprint });
  }
});

it('N7: a pushed request whose dpop_jkt is not the key of its proof is refused', async () => {
  const request = await buildRequest(server, client, { dpop_jkt: otherKey.thumbprint });
  const { headers } = authenticate(client);
  const proof = await prove(key, `${server.issuer}/par`);
  const form = Object.fromEntries(request.url.searchParams);
  expect(errorOf(await postForm(`${server.issuer}/par`, form, { ...headers, dpop: proof }))).toBe(
    '400 invalid_request',
  );
});

const now = () => Math.floor(Date.now() / 1_000);

it('N3: an invalid proof at the token endpoint is refused and changes nothing', async () => {
  const code = await obtainCode(server, owner.browser, client);
  const [head = '', body = ''] = (await proveTo(key)).split('.');
  const [, , otherSignature = ''] = (await proveTo(otherKey)).split('.');
  const unsigned = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'none', jwk: key.publicJwk })).toString(
    'base64url',
  );
  const bad: Readonly<Record<string, string>> = {
    'no JWT': 'x',
    'two proofs': `${await proveTo(key)}, ${await proveTo(key)}`,
    'another typ': await proveTo(key, { header: { typ: 'JWT' } }),
    'alg none': `${unsigned}.${body}.`,
    'an algorithm that is not offered': await proveTo(await makeProofKey('RS256')),
    'the private key': await proveTo(key, { header: { jwk: key.privateJwk } }),
    'no key': await proveTo(key, { header: { jwk: undefined } }),
    'a signature of another key': `${head}.${body}.${otherSignature}`,
    'another key than the one that signed': await proveTo(key, { header: { jwk: otherKey.publicJwk } }),
    'no htm': await proveTo(key, { claims: { htm: undefined } }),
    'another method': await proveTo(key, { claims: { htm: 'GET' } }),
    'no htu': await proveTo(key, { claims: { htu: undefined } }),
    'another address': await proveTo(key, { claims: { htu: `${server.issuer}/par` } }),
    'another host': await proveTo(key, { claims: { htu: 'https://evil.example/token' } }),
    'no jti': await proveTo(key, { claims: { jti: undefined } }),
    'no iat': await proveTo(key, { claims: { iat: undefined } }),
    'iat a minute and more ahead': await proveTo(key, { claims: { iat: now() + 70 } }),
  };
  for (const [what, proof] of Object.entries(bad))
    expect([what, errorOf(await redeem(client, code, proof))]).toEqual([what, '400 invalid_dpop_proof']);
  const old = await redeem(client, code, await proveTo(key, { claims: { iat: now() - 3_600 } }));
  expect([errorOf(old), header(old, 'dpop-nonce')]).toEqual(['400 use_dpop_nonce', expect.stringMatching(/.{43}/)]);
  const ahead = await redeem(client, code, await proveTo(key, { claims: { iat: now() + 10 } }));
  expect(json(ahead)['token_type']).toBe('DPoP');
});

it('N5: a proof is accepted once over all replicas, after a restart, and for simultaneous requests', async () => {
  const proof = await proveTo(key);
  const tokens = json(await redeem(client, await obtainCode(server, owner.browser, client), proof));
  const replicas = [...server.urls];
  // A new server on the same database knows only what is stored there, as after a restart.
  const restarted = await startAuthorizationServer(
    { ...server.configuration, port: 0 },
    { log: createLog('error'), now: () => new Date() },
  );
  for (const replica of [...replicas, restarted.url]) {
    const answer = await refresh(client, tokens['refresh_token'], proof, replica);
    expect([replica, errorOf(answer)]).toEqual([replica, '400 invalid_dpop_proof']);
    expect(json(answer)['error_description']).toContain('already sent');
  }
  await restarted.close();
  const once = await proveTo(key);
  const connections = await Promise.all(Array.from({ length: 12 }, () => connect(client)));
  const answers = await Promise.all(
    connections.map((each, index) => refresh(client, each['refresh_token'], once, replicas[index % 2])),
  );
  expect(answers.filter(({ status }) => status === 200).length).toBe(1);
  // A refusal changed nothing: each other refresh token is still valid.
  const left = connections.filter((_, index) => answers[index]?.status !== 200);
  for (const { refresh_token: token } of left)
    expect((await refresh(client, token, await proveTo(key))).status).toBe(200);
});

it('a nonce of one replica is valid at the other, and a wrong nonce is answered with a valid one', async () => {
  const given = header(await refresh(client, 'x', await proveTo(key)), 'dpop-nonce');
  const code = await obtainCode(server, owner.browser, client);
  const wrong = await redeem(client, code, await proveTo(key, { claims: { nonce: 'x'.repeat(43) } }));
  expect([errorOf(wrong), header(wrong, 'dpop-nonce')]).toEqual(['400 use_dpop_nonce', given]);
  const right = await redeem(client, code, await proveTo(key, { claims: { nonce: given } }), server.urls[1]);
  expect([right.status, header(right, 'dpop-nonce')]).toEqual([200, '']);
});

it('CORS: a page may send a proof, and read the nonce and the challenge', async () => {
  const origin = new URL(redirectUri).origin;
  for (const path of ['/token', '/par']) {
    const url = `${server.issuer}${path}`;
    const asking = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' };
    const preflight = await send(url, { method: 'OPTIONS', headers: asking });
    expect([path, header(preflight, 'access-control-allow-headers').split(', ')]).toEqual([
      path,
      expect.arrayContaining(['dpop', 'content-type']),
    ]);
    const answer = await postForm(url, { client_id: spa.id }, { origin, dpop: await prove(key, url) });
    expect([path, header(answer, 'access-control-allow-origin')]).toEqual([path, origin]);
    expect(header(answer, 'access-control-expose-headers').split(',').sort()).toEqual([
      'DPoP-Nonce',
      'WWW-Authenticate',
    ]);
  }
});

it('openid-client connects and refreshes with proofs, through a pushed request, where a nonce is required', async () => {
  const strict = await startTestServer({ configuration: { dpopNonce: 'required' } });
  try {
    const { browser } = await createOwner(strict);
    const { id, secret = '' } = await addClient(strict);
    const options = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' as const };
    const config = await openid.discovery(
      new URL(strict.issuer),
      id,
      undefined,
      openid.ClientSecretBasic(secret),
      options,
    );
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
    const codeVerifier = openid.randomPKCECodeVerifier();
    const parameters = {
      redirect_uri: redirectUri,
      scope: usualScope,
      code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    };
    const url = await openid.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
    const page = await browser.open(url);
    const back = await pressButton(browser, page, 'allow');
    const tokens = await openid.authorizationCodeGrant(
      config,
      back.url,
      { pkceCodeVerifier: codeVerifier },
      undefined,
      { DPoP },
    );
    expect(tokens.token_type).toBe('dpop');
    const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
    expect(decodeJwt(next.access_token)['cnf']).toEqual(decodeJwt(tokens.access_token)['cnf']);
    const without = await prove(key, `${strict.issuer}/token`);
    const form = { grant_type: 'refresh_token', refresh_token: next.refresh_token ?? '' };
    const refused = await postForm(`${strict.issuer}/token`, form, { ...basic(id, secret), dpop: without });
    expect(errorOf(refused)).toBe('400 use_dpop_nonce');
  } finally {
    await strict.close();
  }
});
