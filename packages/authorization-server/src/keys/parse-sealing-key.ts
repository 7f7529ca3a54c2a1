import { ConfigurationError } from '@aipassport/contracts';
import { isJsonObject } from '@aipassport/policy';

/**
 * The public key of the proxy's key pair. This server seals provider keys with it, and only the proxy can open them.
 */
export interface SealingKey {
  readonly kty: 'OKP';
  readonly crv: 'X25519';
  readonly x: string;
  readonly kid: string;
}

export function parseSealingKey(json: unknown): SealingKey {
  const key = isJsonObject(json) ? json : {};
  // With the private key, this server could read the provider keys that it stores.
  if ('d' in key) throw new ConfigurationError('holds the private key; give this server the public key only');
  const { kty, crv, x, kid } = key;
  if (kty !== 'OKP' || crv !== 'X25519' || typeof x !== 'string' || typeof kid !== 'string')
    throw new ConfigurationError('must hold the public JWK of an X25519 key, with a `kid`');
  return { kty, crv, x, kid };
}
