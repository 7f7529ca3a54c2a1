import type { SealedProviderKey } from '@aipassport/store/proxying';
import { type CompactJWEHeaderParameters, compactDecrypt } from 'jose';
import { Secret } from '../secret.js';
import type { SealingKey } from './sealing-key.js';

/** A stored key that was opened, with what it was sealed for. */
export interface UnsealedKey {
  readonly key: Secret;
  readonly header: CompactJWEHeaderParameters;
}

/**
 * Opens a sealed provider key. Only the one algorithm that we seal with is accepted: whoever can write the row
 * chooses the header, and must not choose how it is read.
 *
 * @throws when it was not sealed to this key, or was altered in any bit, its header included
 */
export async function unsealProviderKey({ privateKey }: SealingKey, jwe: string): Promise<UnsealedKey> {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, privateKey, {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A256GCM'],
    // Refuses compression: nothing that we seal is compressed, and what is opened must not grow.
    maxDecompressedLength: 0,
  });
  return { key: new Secret(new TextDecoder('utf-8', { fatal: true }).decode(plaintext)), header: protectedHeader };
}

/**
 * Compares what a key was sealed for with the row that it was found in.
 * @returns the name of the first field that differs: a row that was moved, or written by someone else
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
