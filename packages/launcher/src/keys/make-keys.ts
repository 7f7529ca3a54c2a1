import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

export interface NamedKey extends JWK {
  readonly kid: string;
}

/** 256 random bits, as text. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SECRET: a private JWK that signs tokens. */
export async function makeSigningKey(): Promise<NamedKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' };
}

/**
 * SECRET: a private JWK that opens provider keys.
 * @param number tells the keys of one month apart
 */
export async function makeSealingKey(now: Date, number: number): Promise<NamedKey> {
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: `px-${now.toISOString().slice(0, 7)}-${number}`, alg: 'ECDH-ES', use: 'enc' };
}

/** What may be given to whoever seals. */
export function publicHalf({ d: _secret, ...publicJwk }: JWK): JWK {
  return publicJwk;
}
