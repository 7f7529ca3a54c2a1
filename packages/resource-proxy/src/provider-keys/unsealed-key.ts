import type { SealedProviderKey } from '@aipassport/store/proxying';
import type { CompactJWEHeaderParameters } from 'jose';
import { Secret } from '../secret.js';

/** An unsealed provider key, with its header, which names the account and the upstream that it was sealed for. */
export interface UnsealedKey {
  readonly key: Secret;
  readonly header: CompactJWEHeaderParameters;
}

/** @throws when the content is not UTF-8 */
export function readUnsealedKey(content: Uint8Array, header: CompactJWEHeaderParameters): UnsealedKey {
  return { key: new Secret(new TextDecoder('utf-8', { fatal: true }).decode(content)), header };
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
