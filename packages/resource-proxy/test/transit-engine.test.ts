import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { CompactEncrypt, importJWK } from 'jose';
import { parseSealingJwks, type TransitJwk, TransitUnavailable } from '../src/provider-keys/sealing-key.js';
import { TransitEngine } from '../src/provider-keys/transit-engine.js';
import { createTransitKey } from '../src/provider-keys/transit-sealing-key.js';
import { readTransitSettings, type TransitSettings } from '../src/provider-keys/transit-settings.js';
import { answerData, answerErrors, TransitStub } from './support/transit-stub.js';

const limits = { attemptMilliseconds: 500, pauseMilliseconds: 1 };
const keyPath = 'transit/aipassport';
const providerKey = 'sk-canary-of-the-transit-engine-0123456789';

let stub: TransitStub;
let engine: TransitEngine | undefined;
let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-transit-'));
  stub = await TransitStub.start();
  stub.makeKey(keyPath);
});
afterEach(async () => {
  await engine?.close();
  await stub.stop();
  rmSync(directory, { recursive: true });
});

function open(settings: Partial<TransitSettings> = {}): TransitEngine {
  engine = new TransitEngine(
    { url: stub.url, namespace: undefined, certificates: undefined, readToken: () => stub.token, ...settings },
    limits,
  );
  return engine;
}

function transitJwk(version = 1): TransitJwk {
  const place = { mount: 'transit', key: 'aipassport', version };
  const [jwk] = parseSealingJwks({ kty: 'RSA', kid: 'px-1', ...stub.publicJwk(keyPath, version), transit: place });
  return jwk as TransitJwk; // its `kty` is RSA
}

async function seal(header: Record<string, unknown> = {}, alg = 'RSA-OAEP-256'): Promise<string> {
  const publicKey = await importJWK({ kty: 'RSA', ...stub.publicJwk(keyPath) }, alg);
  return new CompactEncrypt(Buffer.from(providerKey))
    .setProtectedHeader({ alg, enc: 'A256GCM', kid: 'px-1', account: 'someone', ...header })
    .encrypt(publicKey);
}

const unseal = async (jwe: string, settings: Partial<TransitSettings> = {}) =>
  createTransitKey(transitJwk(), open(settings)).unseal(jwe);

// The ids at the beginning of titles are rows of docs/security.md.
it('K6: unseals with a key in the transit engine, which gets only an encrypted content key, and the key’s version', async () => {
  const jwe = await seal();
  const { key, header } = await unseal(jwe, { namespace: 'teams/ai' });
  expect([key.reveal(), header['account']]).toEqual([providerKey, 'someone']);
  const [, encryptedKey = ''] = jwe.split('.');
  const ciphertext = `vault:v1:${Buffer.from(encryptedKey, 'base64url').toString('base64')}`;
  expect(stub.requests).toEqual([
    {
      method: 'POST',
      path: '/v1/transit/decrypt/aipassport',
      token: stub.token,
      namespace: 'teams/ai',
      body: JSON.stringify({ ciphertext }),
    },
  ]);
});

it('K6: a wrong answer of the transit engine opens nothing', async () => {
  const jwe = await seal();
  const wrong = [randomBytes(32), randomBytes(31), Buffer.alloc(0), Buffer.from(providerKey)];
  for (const plaintext of wrong) {
    stub.behaviour = (_request, response) => answerData(response, { plaintext: plaintext.toString('base64') });
    await expect(unseal(jwe)).rejects.not.toBeInstanceOf(TransitUnavailable);
  }
  expect(stub.decryptions).toBe(wrong.length);
});

it('K6: an altered header, content or tag opens nothing, even if the engine decrypts the content key', async () => {
  const parts = (await seal()).split('.');
  const other = (await seal({ account: 'another' })).split('.');
  for (const index of [0, 2, 3, 4]) {
    const altered = parts.map((part, at) => (at === index ? (other[at] ?? '') : part)).join('.');
    await expect(unseal(altered)).rejects.not.toBeInstanceOf(TransitUnavailable);
  }
  expect(stub.decryptions).toBe(4);
});

it('a JWE with another algorithm, with compression, or with the wrong number of parts never reaches the engine', async () => {
  const jwe = await seal();
  const header = (changes: object) =>
    Buffer.from(JSON.stringify({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'px-1', ...changes })).toString('base64url');
  const rest = jwe.split('.').slice(1);
  const refused = [
    await seal({}, 'RSA-OAEP'),
    await seal({ enc: 'A128GCM' }),
    [header({ zip: 'DEF' }), ...rest].join('.'),
    [header({ crit: ['exp'], exp: 1 }), ...rest].join('.'),
    [header({ alg: 'dir' }), ...rest].join('.'),
    jwe.split('.').slice(0, 4).join('.'),
    `${jwe}.`,
    [header({}), rest[0]?.slice(0, 100), ...rest.slice(1)].join('.'),
    'no jwe',
  ];
  for (const each of refused) await expect(unseal(each)).rejects.not.toBeInstanceOf(TransitUnavailable);
  expect(stub.requests).toEqual([]);
});

it('what was sealed to another key is refused, and does not count as an outage', async () => {
  const jwe = await seal();
  stub.makeKey(keyPath);
  await expect(unseal(jwe)).rejects.not.toBeInstanceOf(TransitUnavailable);
  expect(engine?.problem).toBeUndefined();
  expect(stub.decryptions).toBe(1);
});

it.each([
  ['sealed', 503, 2],
  ['too many requests', 429, 2],
  ['a standby without the latest data', 412, 2],
  ['an internal fault', 500, 2],
  ['a redirect to another address', 307, 1],
  ['no such engine', 404, 1],
  ['no such key', 400, 1],
])(
  'an engine that answers that it is %s (%i) is unavailable; the attempts are bounded: %#',
  async (_what, status, count) => {
    const jwe = await seal();
    stub.behaviour = (_request, response) => {
      response.setHeader('location', 'http://127.0.0.1:9/v1/transit/decrypt/aipassport');
      answerErrors(response, status, 'Vault is sealed');
    };
    await expect(unseal(jwe)).rejects.toThrow(
      `the transit engine of the sealing key: it answers with status ${status}`,
    );
    await expect(unseal(jwe)).rejects.toBeInstanceOf(TransitUnavailable);
    expect(engine?.problem).toBe(`it answers with status ${status}`);
    expect(stub.decryptions).toBe(count * 2);
  },
);

it('an engine that fails once is asked again, and the problem is forgotten', async () => {
  const jwe = await seal();
  stub.behaviour = (_request, response) => {
    stub.behaviour = undefined;
    response.destroy();
  };
  expect((await unseal(jwe)).key.reveal()).toBe(providerKey);
  expect(engine?.problem).toBeUndefined();
  expect(stub.decryptions).toBe(2);
});

it('an engine that does not answer, answers no JSON or too much, or cannot be reached is unavailable', async () => {
  const jwe = await seal();
  stub.behaviour = () => undefined;
  await expect(unseal(jwe)).rejects.toBeInstanceOf(TransitUnavailable);
  stub.behaviour = (_request, response) => void response.end('<html>');
  await expect(unseal(jwe)).rejects.toBeInstanceOf(TransitUnavailable);
  stub.behaviour = (_request, response) => answerData(response, { plaintext: 'A'.repeat(100_000) });
  await expect(unseal(jwe)).rejects.toBeInstanceOf(TransitUnavailable);
  stub.behaviour = (_request, response) => answerData(response, {});
  await expect(unseal(jwe)).rejects.toThrow('its answer has no plaintext');
  await expect(unseal(jwe, { url: 'http://127.0.0.1:9' })).rejects.toThrow('it cannot be reached (ECONNREFUSED)');
});

it('K6: the token is read again for each request, so a new token is used at once', async () => {
  const jwe = await seal();
  const file = path.join(directory, 'token');
  writeFileSync(file, `${stub.token}\n`);
  const variables = { SEALING_TRANSIT_URL: `${stub.url}/`, SEALING_TRANSIT_TOKEN_FILE: file };
  const settings = readTransitSettings({ variables, readFile: (name) => readFileSync(name, 'utf8') });
  expect((await unseal(jwe, settings)).key.reveal()).toBe(providerKey);
  stub.token = 's.the-next-token';
  await expect(unseal(jwe, settings)).rejects.toThrow('it refuses the token (status 403)');
  // refused once, since the file still has the same token
  expect(stub.decryptions).toBe(2);
  writeFileSync(file, stub.token);
  expect((await unseal(jwe, settings)).key.reveal()).toBe(providerKey);
  rmSync(file);
  await expect(unseal(jwe, settings)).rejects.toThrow('its token cannot be read');
});

it('a token that was replaced while a request with the old one was under way is used for the second attempt', async () => {
  const jwe = await seal();
  let token = 's.old';
  stub.behaviour = (_request, response) => {
    stub.behaviour = undefined;
    token = stub.token;
    answerErrors(response, 403, 'permission denied');
  };
  expect((await unseal(jwe, { readToken: () => token })).key.reveal()).toBe(providerKey);
});

it('K6: no error repeats a text of the engine, which could be the token or a content key', async () => {
  const jwe = await seal();
  const secrets = [stub.token, 's3cret-content-key'];
  for (const status of [200, 400, 403, 500, 503]) {
    stub.behaviour = ({ token }, response) => answerErrors(response, status, `${token}`, 's3cret-content-key');
    const error: unknown = await unseal(jwe).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransitUnavailable);
    const told = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack} ${engine?.problem}`;
    for (const secret of secrets) expect(told).not.toContain(secret);
  }
});

it('settings of the transit engine that lack a token, or use plain HTTP over the network, are refused', () => {
  const read = (variables: Record<string, string>) => () =>
    readTransitSettings({
      variables,
      readFile: () => {
        throw Object.assign(new Error(), { code: 'EACCES' });
      },
    });
  expect(read({})()).toBeUndefined();
  expect(read({ SEALING_TRANSIT_URL: 'https://bao.example' })).toThrow('SEALING_TRANSIT_TOKEN_FILE: is missing');
  const file = { SEALING_TRANSIT_TOKEN_FILE: '/token' };
  expect(read({ SEALING_TRANSIT_URL: 'http://bao.example', ...file })).toThrow('SEALING_TRANSIT_URL: must be an https');
  const withCertificates = { SEALING_TRANSIT_CA_FILE: '/ca', SEALING_TRANSIT_URL: 'https://bao.example', ...file };
  expect(read(withCertificates)).toThrow('SEALING_TRANSIT_CA_FILE: its file cannot be read (EACCES)');
});

it('sealing keys in a transit engine that have a private half, a short modulus or a path that leads elsewhere are refused', () => {
  const jwk = { ...transitJwk() };
  const place = jwk.transit;
  expect(() => parseSealingJwks(jwk)).not.toThrow();
  for (const changes of [
    { d: 'AQAB' },
    { e: 'Aw' },
    { n: jwk.n.slice(0, 340) },
    { transit: undefined },
    { transit: { ...place, version: 0 } },
    { transit: { ...place, version: 1.5 } },
    { transit: { ...place, key: '..' } },
    { transit: { ...place, key: 'a/../../sys' } },
    { transit: { ...place, key: 'a?b' } },
    { transit: { ...place, mount: '' } },
  ])
    expect(() => parseSealingJwks({ ...jwk, ...changes })).toThrow('must hold a private X25519 JWK or the RSA JWK');
});

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;

(hasOpenssl ? it : it.skip)(
  'over TLS, the engine must have a certificate of SEALING_TRANSIT_CA_FILE' +
    `${hasOpenssl ? '' : ' (skipped: openssl, which makes the certificate, is not installed)'}`,
  async () => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(directory, name)) as [string, string];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const about = ['-subj', '/CN=stub', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
    const made = spawnSync('openssl', ['req', '-x509', ...curve, ...about]);
    expect(made.status).toBe(0);
    await stub.stop();
    const certificates = readFileSync(cert, 'utf8');
    stub = await TransitStub.start({ tls: { key: readFileSync(key, 'utf8'), cert: certificates } });
    stub.makeKey(keyPath);
    const jwe = await seal();
    expect((await unseal(jwe, { certificates })).key.reveal()).toBe(providerKey);
    await expect(unseal(jwe)).rejects.toThrow('it cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT)');
    expect(stub.decryptions).toBe(1);
  },
);
