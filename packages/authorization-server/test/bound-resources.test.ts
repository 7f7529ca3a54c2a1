import { hashSecret } from '@aipassport/store';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { addClient, authenticate, connect, obtainCode, redirectUri, type TestClient } from './support/client.js';
import { type Answer, header, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, type ProofChanges, type ProofKey, prove } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
let spa: TestClient;
let key: ProofKey;
let otherKey: ProofKey;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  owner = await createOwner(server);
  spa = await addClient(server, { isPublic: true });
  key = await makeProofKey();
  otherKey = await makeProofKey();
});
afterAll(() => server.close());

async function getBoundToken(): Promise<string> {
  const { code, codeVerifier } = await obtainCode(server, owner.browser, spa);
  const form = { grant_type: 'authorization_code', code, code_verifier: codeVerifier, redirect_uri: redirectUri };
  const url = `${server.issuer}/token`;
  const { fields } = authenticate(spa);
  const answer = await postForm(url, { ...fields, ...form }, { dpop: await prove(key, url) });
  return String(json(answer)['access_token']);
}

/** The claim `ath` of a proof: the hash of its access token. */
const hashOf = hashSecret;
const grantPath = (token: string) => `/grants/${String(decodeJwt(token)['grant_id'])}`;

interface Sending {
  readonly method?: string;
  readonly scheme?: string;
  readonly replica?: string;
  readonly proof?: string | undefined;
}

async function ask(path: string, token: string, { method = 'GET', scheme = 'DPoP', replica, proof }: Sending) {
  const headers = {
    host: new URL(server.issuer).host,
    authorization: `${scheme} ${token}`,
    ...(proof === undefined ? {} : { dpop: proof }),
  };
  return send(`${replica ?? server.issuer}${path}`, { method, headers });
}

const proveFor = (path: string, token: string, { claims = {}, header: changed = {} }: ProofChanges = {}, by = key) =>
  prove(by, `${server.issuer}${path}`, { claims: { htm: 'GET', ath: hashOf(token), ...claims }, header: changed });

const errorOf = (answer: Answer) => `${answer.status} ${String(json(answer)['error'])}`;

it('a bound token with a proof is accepted at /userinfo and at /grants, and ends its grant with a proof for DELETE', async () => {
  const token = await getBoundToken();
  const path = grantPath(token);
  const userinfo = await ask('/userinfo', token, { proof: await proveFor('/userinfo', token) });
  expect([userinfo.status, json(userinfo)['sub']]).toEqual([200, owner.accountId]);
  const shown = await ask(path, token, { proof: await proveFor(path, token), scheme: 'dpop' });
  expect(shown.status).toBe(200);
  const forGet = await ask(path, token, { method: 'DELETE', proof: await proveFor(path, token) });
  expect(errorOf(forGet)).toBe('401 invalid_dpop_proof');
  const proof = await proveFor(path, token, { claims: { htm: 'DELETE' } });
  expect((await ask(path, token, { method: 'DELETE', proof })).status).toBe(204);
  expect(errorOf(await ask('/userinfo', token, { proof: await proveFor('/userinfo', token) }))).toBe(
    '401 invalid_token',
  );
});

it('a bound token without a valid proof is refused at both endpoints, and the challenge names the error and the algorithms', async () => {
  const token = await getBoundToken();
  const now = Math.floor(Date.now() / 1_000);
  for (const path of ['/userinfo', grantPath(token)]) {
    const bad: Readonly<Record<string, string | undefined>> = {
      none: undefined,
      'not a JWT': 'x',
      'other key': await proveFor(path, token, {}, otherKey),
      'other method': await proveFor(path, token, { claims: { htm: 'POST' } }),
      'other URL': await proveFor(path, token, { claims: { htu: `${server.issuer}/token` } }),
      'other token': await proveFor(path, token, { claims: { ath: hashOf('x') } }),
      'no token': await proveFor(path, token, { claims: { ath: undefined } }),
      old: await proveFor(path, token, { claims: { iat: now - 120 } }),
      ahead: await proveFor(path, token, { claims: { iat: now + 120 } }),
      'no identifier': await proveFor(path, token, { claims: { jti: undefined } }),
      'wrong type': await proveFor(path, token, { header: { typ: 'jwt' } }),
      'private key': await proveFor(path, token, { header: { jwk: key.privateJwk } }),
      'wrong signature': `${(await proveFor(path, token)).slice(0, -8)}AAAAAAAA`,
    };
    for (const [label, proof] of Object.entries(bad)) {
      const answer = await ask(path, token, { proof });
      expect([path, label, errorOf(answer)]).toEqual([path, label, '401 invalid_dpop_proof']);
      expect(header(answer, 'www-authenticate')).toMatch(/^DPoP error="invalid_dpop_proof", algs="[^"]*ES256/);
    }
    const asBearer = await ask(path, token, { scheme: 'Bearer', proof: await proveFor(path, token) });
    expect([errorOf(asBearer), header(asBearer, 'www-authenticate').slice(0, 5)]).toEqual([
      '401 invalid_token',
      'DPoP ',
    ]);
  }
});

it('a proof is accepted only once over both replicas, even if twenty requests use it at once', async () => {
  const token = await getBoundToken();
  const proof = await proveFor('/userinfo', token);
  const [first = '', second = ''] = server.urls;
  expect((await ask('/userinfo', token, { proof, replica: first })).status).toBe(200);
  expect(errorOf(await ask('/userinfo', token, { proof, replica: second }))).toBe('401 invalid_dpop_proof');
  const again = await proveFor('/userinfo', token);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      ask('/userinfo', token, { proof: again, replica: index % 2 ? first : second }),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

it('a token that is not bound is refused if it is sent with the scheme DPoP', async () => {
  const { access_token: token } = await connect(server, owner.browser, spa);
  const answer = await ask('/userinfo', token, { proof: await proveFor('/userinfo', token) });
  expect([errorOf(answer), header(answer, 'www-authenticate')]).toEqual([
    '401 invalid_token',
    'Bearer error="invalid_token"',
  ]);
});
