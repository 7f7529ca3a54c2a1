import { ConfigurationError } from '@aipassport/contracts';
import { isJsonObject } from '@aipassport/policy';

/** The public half of a sealing key whose private half is in a file of the proxies. */
interface X25519Key {
  readonly kty: 'OKP';
  readonly crv: 'X25519';
  readonly x: string;
  readonly kid: string;
}

/** The public half of a sealing key whose private half is in a transit engine. */
interface RsaKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly kid: string;
}

/**
 * The public key of the proxy's key pair. This server seals provider keys with it, and only the proxy can open them.
 */
export type SealingKey = X25519Key | RsaKey;

/** 3072 bits. */
const minModulusBytes = 384;

export function parseSealingKey(json: unknown): SealingKey {
  const key = isJsonObject(json) ? json : {};
  // With the private key, this server could read the provider keys that it stores.
  if ('d' in key) throw new ConfigurationError('holds the private key; give this server the public key only');
  const { kty, crv, x, n, e, kid } = key;
  if (typeof kid === 'string') {
    if (kty === 'OKP' && crv === 'X25519' && typeof x === 'string') return { kty, crv, x, kid };
    if (kty === 'RSA' && typeof n === 'string' && isLongModulus(n) && e === 'AQAB') return { kty, n, e, kid };
  }
  throw new ConfigurationError(
    'must hold the public JWK of an X25519 key, or of an RSA key of 3072 bits or more, with a `kid`',
  );
}

function isLongModulus(n: string): boolean {
  return Buffer.from(n, 'base64url').length >= minModulusBytes;
}
