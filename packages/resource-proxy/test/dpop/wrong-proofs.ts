import { randomUUID } from 'node:crypto';
import { chatPath, resource } from '../support/test-proxy.js';
import type { BoundClient } from './bound-client.js';
import { ClientKey, hashOf } from './client-key.js';

/** A proof for `POST` of the chat path that must be refused, and a part of the message that says why. */
export type WrongProof = readonly [name: string, message: string, make: (client: BoundClient) => Promise<string>];

const seconds = () => Math.floor(Date.now() / 1_000);

/** Every wrong proof that the conformance suite for FAPI 2.0 tries, and similar ones. */
export const wrongProofs: readonly WrongProof[] = [
  ['typ of another JWT', '`typ`', (client) => client.prove({ header: { typ: 'JWT' } })],
  ['typ of an access token', '`typ`', (client) => client.prove({ header: { typ: 'at+jwt' } })],
  ['no typ', '`typ`', (client) => client.prove({ header: { typ: undefined } })],
  ['alg none, without a signature', '`alg`', async (client) => withHeader(await client.prove(), { alg: 'none' }, '')],
  ['alg none, with a signature', '`alg`', async (client) => withHeader(await client.prove(), { alg: 'none' })],
  ['alg HS256 with the public key as the secret', '`alg`', proveSymmetrically],
  ['alg RS256', '`alg`', (client) => proveWith(client, 'RS256')],
  ['alg ES384', '`alg`', (client) => proveWith(client, 'ES384')],
  ['the private key in the header', '`jwk`', (client) => withKey(client, client.key.privateJwk)],
  ['no key in the header', '`jwk`', (client) => withKey(client, undefined)],
  ['a symmetric key in the header', '`jwk`', (client) => withKey(client, { kty: 'oct', k: 'AAAA' })],
  ['a key of another kind', '`jwk`', (client) => withKey(client, { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' })],
  ['a key that is a string', '`jwk`', (client) => withKey(client, 'key')],
  ['a key without a coordinate', '`jwk`', (client) => withKey(client, { ...client.key.publicJwk, y: undefined })],
  ['a different key from the bound one', 'a different key', (client) => proveWith(client, 'ES256')],
  ['no htm', '`htm`', (client) => withClaim(client, { htm: undefined })],
  ['htm of another method', '`htm`', (client) => withClaim(client, { htm: 'PUT' })],
  ['htm in lower case', '`htm`', (client) => withClaim(client, { htm: 'post' })],
  ['no htu', '`htu`', (client) => withClaim(client, { htu: undefined })],
  ['htu of another path', '`htu`', (client) => withClaim(client, { htu: `${resource}/openai/v1/responses` })],
  ['htu of another server', '`htu`', (client) => withClaim(client, { htu: `http://elsewhere.example${chatPath}` })],
  ['htu with another scheme', '`htu`', (client) => withClaim(client, { htu: `https://proxy.test${chatPath}` })],
  ['htu with another port', '`htu`', (client) => withClaim(client, { htu: `http://proxy.test:8080${chatPath}` })],
  ['htu with a user name', '`htu`', (client) => withClaim(client, { htu: `http://x@proxy.test${chatPath}` })],
  ['htu with backslashes', '`htu`', (client) => withClaim(client, { htu: `http:\\\\proxy.test${chatPath}` })],
  ['htu without a host', '`htu`', (client) => withClaim(client, { htu: chatPath })],
  ['htu that is a list', '`htu`', (client) => withClaim(client, { htu: [`${resource}${chatPath}`] })],
  ['no iat', '`iat`', (client) => withClaim(client, { iat: undefined })],
  ['iat as a text', '`iat`', (client) => withClaim(client, { iat: String(seconds()) })],
  ['iat of 70 seconds ago', '`iat`', (client) => withClaim(client, { iat: seconds() - 70 })],
  ['iat of a day ago', '`iat`', (client) => withClaim(client, { iat: seconds() - 86_400 })],
  ['iat in 70 seconds', '`iat`', (client) => withClaim(client, { iat: seconds() + 70 })],
  ['iat in a year', '`iat`', (client) => withClaim(client, { iat: seconds() + 31_536_000 })],
  ['no jti', '`jti`', (client) => withClaim(client, { jti: undefined })],
  ['an empty jti', '`jti`', (client) => withClaim(client, { jti: '' })],
  ['jti as a number', '`jti`', (client) => withClaim(client, { jti: 7 })],
  ['a jti of 257 characters', '`jti`', (client) => withClaim(client, { jti: 'x'.repeat(257) })],
  ['no ath', '`ath`', (client) => withClaim(client, { ath: undefined })],
  ['ath of another token', '`ath`', (client) => withClaim(client, { ath: hashOf(`${client.token}x`) })],
  ['ath in hexadecimal', '`ath`', (client) => withClaim(client, { ath: toHexadecimal(hashOf(client.token)) })],
  ['the signature of another proof', 'signature', swapSignatures],
  ['another payload under the signature', 'signature', async (client) => withPayload(await client.prove())],
  ['a signature by another key', 'signature', signWithAnotherKey],
  ['no signature', 'signature', async (client) => withSignature(await client.prove(), '')],
  ['a critical parameter', 'signature', async (client) => withHeader(await client.prove(), { crit: ['x'], x: 1 })],
  ['not a JWT', 'compact form', async () => 'proof'],
  ['two proofs in one header', 'compact form', async (client) => `${await client.prove()}, ${await client.prove()}`],
  ['a proof of more than 4 kB', 'compact form', (client) => withClaim(client, { padding: 'x'.repeat(4_000) })],
  ['an empty DPoP header', 'compact form', async () => ''],
  ['the access token', '`typ`', async (client) => client.token],
];

const withClaim = (client: BoundClient, claims: Record<string, unknown>) => client.prove({ claims });
const withKey = (client: BoundClient, jwk: unknown) => client.prove({ header: { jwk } });
const toHexadecimal = (hash: string) => Buffer.from(hash, 'base64url').toString('hex');
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

async function proveWith({ token }: BoundClient, algorithm: string): Promise<string> {
  return (await ClientKey.create(algorithm)).prove({ token, path: chatPath });
}

function proveSymmetrically(client: BoundClient): Promise<string> {
  const privateKey = Buffer.from(JSON.stringify(client.key.publicJwk));
  return client.prove({ header: { alg: 'HS256' }, privateKey });
}

async function signWithAnotherKey(client: BoundClient): Promise<string> {
  const { privateKey } = await ClientKey.create();
  return client.prove({ privateKey });
}

async function swapSignatures(client: BoundClient): Promise<string> {
  return withSignature(await client.prove(), (await client.prove()).split('.')[2] ?? '');
}

function withHeader(proof: string, changes: Readonly<Record<string, unknown>>, signature?: string): string {
  const [header = '', payload = '', signed = ''] = proof.split('.');
  return [encode({ ...decode(header), ...changes }), payload, signature ?? signed].join('.');
}

function withPayload(proof: string): string {
  const [header = '', payload = '', signature = ''] = proof.split('.');
  return [header, encode({ ...decode(payload), jti: randomUUID() }), signature].join('.');
}

function withSignature(proof: string, signature: string): string {
  return [...proof.split('.').slice(0, 2), signature].join('.');
}
