import { randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

/** The key of a client that sends DPoP proofs (RFC 9449). */
export interface ProofKey {
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly thumbprint: string;
}

export async function makeProofKey(algorithm = 'ES256'): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const privateJwk = await exportJWK(privateKey);
  return { algorithm, privateKey, publicJwk, privateJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

export interface ProofChanges {
  /** Claims that differ from those of a valid proof. `undefined` leaves a claim out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A proof for a POST to this URL. */
export async function prove(
  key: ProofKey,
  url: string,
  { claims = {}, header = {} }: ProofChanges = {},
): Promise<string> {
  const payload = { jti: randomUUID(), htm: 'POST', htu: url, iat: Math.floor(Date.now() / 1_000), ...claims };
  return new SignJWT(payload as JWTPayload)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: key.algorithm, jwk: key.publicJwk, ...header } as JWTHeaderParameters)
    .sign(key.privateKey);
}
