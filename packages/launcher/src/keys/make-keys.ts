import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

export interface NamedKey extends JWK {
  readonly kid: string;
}

/** SECRET: a private JWK that signs tokens. */
export function makeSigningKey(): Promise<NamedKey> {
  return makeKey('ES256');
}

/** SECRET: a private JWK that signs the ID tokens of clients that expect RS256. */
export function makeIdTokenKey(): Promise<NamedKey> {
  return makeKey('RS256');
}

async function makeKey(alg: 'ES256' | 'RS256'): Promise<NamedKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' };
}

/**
 * SECRET: a private JWK that opens provider keys. Its name contains a part of its thumbprint (RFC 7638), so the sealing
 * keys of two deployments never share a name. If they did, a provider key of one deployment could be mistaken for a
 * provider key of the other deployment.
 */
export async function makeSealingKey(now: Date): Promise<NamedKey> {
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const thumbprint = await calculateJwkThumbprint(jwk);
  const kid = `px-${now.toISOString().slice(0, 7)}-${thumbprint.slice(0, 16)}`;
  return { ...jwk, kid, alg: 'ECDH-ES', use: 'enc' };
}

/** The public part of a sealing key, for the server that only seals. */
export function publicHalf({ d: _secret, transit: _place, ...publicJwk }: JWK & { readonly transit?: unknown }): JWK {
  return publicJwk;
}
