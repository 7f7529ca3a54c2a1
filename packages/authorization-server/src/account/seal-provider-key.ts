import type { Upstream } from '@aipassport/policy';
import { CompactEncrypt, importJWK } from 'jose';
import type { SealingKey } from '../keys/parse-sealing-key.js';

/**
 * The row that a sealed provider key belongs to. The proxy compares each member with the row before it uses the
 * provider key.
 */
export interface KeyBinding {
  readonly account: string;
  readonly upstream: Upstream;
  readonly host: string;
  readonly version: number;
}

/**
 * Seals a provider key for the resource proxy (JWE, RFC 7516: A256GCM, and ECDH-ES over X25519 or RSA-OAEP-256,
 * depending on the sealing key). The protected header contains the binding, so the binding is authenticated: the proxy
 * does not use a provider key that was moved to another row.
 * @param key SECRET: the provider key, never logged and stored only sealed. The caller overwrites the bytes afterwards
 */
export async function sealProviderKey(sealingKey: SealingKey, binding: KeyBinding, key: Uint8Array): Promise<string> {
  const alg = sealingKey.kty === 'RSA' ? 'RSA-OAEP-256' : 'ECDH-ES';
  const publicKey = await importJWK({ ...sealingKey }, alg);
  return new CompactEncrypt(key)
    .setProtectedHeader({ alg, enc: 'A256GCM', kid: sealingKey.kid, typ: 'provkey+jwe', ...binding })
    .encrypt(publicKey);
}
