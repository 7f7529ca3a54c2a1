import { ConfigurationError } from '@aipassport/contracts';
import { type CryptoKey, importJWK, type JWK } from 'jose';

/** SECRET: the private JWK that opens provider keys. */
export interface SealingJwk extends JWK {
  readonly kty: 'OKP';
  readonly crv: 'X25519';
  readonly kid: string;
  readonly d: string;
}

/** The proxy's own half of the sealing key pair, ready for use. */
export interface SealingKey {
  /** SECRET: never logged. */
  readonly privateKey: CryptoKey;
  readonly id: string;
}

/** @throws ConfigurationError for anything else than a private X25519 JWK with an identifier */
export function parseSealingJwk(json: unknown): SealingJwk {
  const jwk = typeof json === 'object' && json !== null ? (json as JWK) : {};
  const { kty, crv, kid, d } = jwk;
  if (kty !== 'OKP' || crv !== 'X25519' || typeof kid !== 'string' || typeof d !== 'string') {
    throw new ConfigurationError('must hold a private X25519 JWK with a `kid`');
  }
  return { ...jwk, kty: 'OKP', crv: 'X25519', kid, d };
}

export async function importSealingKey(jwk: SealingJwk): Promise<SealingKey> {
  const privateKey = await importJWK(jwk as JWK, 'ECDH-ES');
  if (privateKey instanceof Uint8Array) throw new ConfigurationError('must hold a private X25519 JWK with a `kid`');
  return { privateKey, id: jwk.kid };
}
