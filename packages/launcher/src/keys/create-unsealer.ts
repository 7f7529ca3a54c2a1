import {
  findHeaderMismatch,
  importSealingKey,
  type SealingJwk,
  unsealProviderKey,
} from '@aipassport/resource-proxy/operating';
import type { SealedProviderKey } from '@aipassport/store';

/**
 * SECRET: resolves with the provider key in a row. undefined: the provider key is sealed to a sealing key that we do
 * not have, or it was altered, or it was moved from another row.
 */
export type Unsealer = (row: SealedProviderKey) => Promise<string | undefined>;

/** Makes a function that unseals a stored provider key, with the same checks as the resource proxy. */
export async function createUnsealer(privateKeys: readonly SealingJwk[]): Promise<Unsealer> {
  const opening = new Map(
    await Promise.all(privateKeys.map(async (jwk) => [jwk.kid, await importSealingKey(jwk)] as const)),
  );
  return async (row) => {
    const key = opening.get(row.sealingKeyId);
    const opened = key && (await unsealProviderKey(key, row.jwe).catch(() => undefined));
    if (opened === undefined || findHeaderMismatch(opened.header, row) !== undefined) return undefined;
    return opened.key.reveal();
  };
}
