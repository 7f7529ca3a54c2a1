import { ConfigurationError } from '@aipassport/contracts';
import { isJsonObject } from '@aipassport/policy';
import { type CryptoKey, importJWK, type JWK } from 'jose';

/** SECRET: a private JWK that opens provider keys. */
export interface SealingJwk extends JWK {
  readonly kty: 'OKP';
  readonly crv: 'X25519';
  readonly kid: string;
  readonly d: string;
}

/** SECRET: the private JWKs, newest first. There are several only while the sealing key is being rotated. */
export type SealingJwks = readonly [SealingJwk, ...SealingJwk[]];

/** The private key of a sealing key pair, ready for use. */
export interface SealingKey {
  /** SECRET: never logged. */
  readonly privateKey: CryptoKey;
  readonly id: string;
}

const problem = 'must hold a private X25519 JWK with a `kid`, or a set of such keys, each with a `kid` of its own';

/**
 * @throws ConfigurationError if the JSON is neither a private X25519 JWK nor a JWK Set (RFC 7517 section 5) of them, or
 * if two sealing keys of the set have the same `kid`
 */
export function parseSealingJwks(json: unknown): SealingJwks {
  const listed: readonly unknown[] = isJsonObject(json) && Array.isArray(json['keys']) ? json['keys'] : [json];
  const [first, ...others] = listed.map(parseSealingJwk);
  if (first === undefined || new Set([first, ...others].map(({ kid }) => kid)).size !== listed.length)
    throw new ConfigurationError(problem);
  return [first, ...others];
}

function parseSealingJwk(json: unknown): SealingJwk {
  const jwk: JWK = isJsonObject(json) ? json : {};
  const { kty, crv, kid, d } = jwk;
  if (kty !== 'OKP' || crv !== 'X25519' || typeof kid !== 'string' || typeof d !== 'string')
    throw new ConfigurationError(problem);
  return { ...jwk, kty: 'OKP', crv: 'X25519', kid, d };
}

export async function importSealingKey(jwk: SealingJwk): Promise<SealingKey> {
  const privateKey = await importJWK(jwk as JWK, 'ECDH-ES');
  if (privateKey instanceof Uint8Array) throw new ConfigurationError(problem);
  return { privateKey, id: jwk.kid };
}
