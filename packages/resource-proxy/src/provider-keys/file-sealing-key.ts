import { ConfigurationError } from '@aipassport/contracts';
import { type CryptoKey, compactDecrypt, importJWK } from 'jose';
import type { FileJwk, SealingKey } from './sealing-key.js';
import { readUnsealedKey, type UnsealedKey } from './unsealed-key.js';

/** Makes a sealing key whose private half is in the memory of this process. */
export async function importFileKey(jwk: FileJwk): Promise<SealingKey> {
  const privateKey = await importJWK({ ...jwk }, 'ECDH-ES');
  if (privateKey instanceof Uint8Array) throw new ConfigurationError('a sealing key must be an X25519 key');
  return { id: jwk.kid, unseal: (jwe) => unseal(privateKey, jwe) };
}

/**
 * Accepts only the algorithms that provider keys are sealed with: an attacker who can change a stored JWE controls its
 * header, and must not choose the algorithm.
 */
async function unseal(privateKey: CryptoKey, jwe: string): Promise<UnsealedKey> {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, privateKey, {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A256GCM'],
    // Refuses compression: sealed provider keys are never compressed, and a small JWE must not become a large
    // plaintext.
    maxDecompressedLength: 0,
  });
  return readUnsealedKey(plaintext, protectedHeader);
}
