import type { SealedProviderKey } from '@aipassport/store/proxying';
import { type CompactJWEHeaderParameters, compactDecrypt } from 'jose';
import { Secret } from '../secret.js';
import type { SealingKey } from './sealing-key.js';

/** An unsealed provider key, with its header, which names the account and the upstream that it was sealed for. */
export interface UnsealedKey {
  readonly key: Secret;
  readonly header: CompactJWEHeaderParameters;
}

/**
 * Unseals a provider key. Accepts only the algorithms that provider keys are sealed with: an attacker who can write the
 * row controls the header, and must not choose the algorithm.
 *
 * @throws when the provider key was not sealed to this sealing key, or when the provider key or its header was altered
 */
export async function unsealProviderKey({ privateKey }: SealingKey, jwe: string): Promise<UnsealedKey> {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, privateKey, {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A256GCM'],
    // Refuses compression: sealed provider keys are never compressed, and a small JWE must not become a large
    // plaintext.
    maxDecompressedLength: 0,
  });
  return { key: new Secret(new TextDecoder('utf-8', { fatal: true }).decode(plaintext)), header: protectedHeader };
}

/**
 * Compares the header of a sealed provider key with the row that it was found in.
 * @returns the name of the first field that differs, which means that the row was moved or forged; undefined when no
 * field differs
 */
export function findHeaderMismatch(header: CompactJWEHeaderParameters, row: SealedProviderKey): string | undefined {
  const expected = {
    typ: 'provkey+jwe',
    kid: row.sealingKeyId,
    account: row.accountId,
    upstream: row.upstream,
    host: row.host,
    version: row.version,
  };
  return Object.entries(expected).find(([name, value]) => header[name] !== value)?.[0];
}
