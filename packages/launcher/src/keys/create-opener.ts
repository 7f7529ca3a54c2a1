import {
  findHeaderMismatch,
  importSealingKey,
  type SealingJwk,
  unsealProviderKey,
} from '@aipassport/resource-proxy/operating';
import type { SealedProviderKey } from '@aipassport/store';

/** SECRET: what is in a row. undefined: sealed to a key that is not there, altered, or moved from another row. */
export type Opener = (row: SealedProviderKey) => Promise<string | undefined>;

/** Makes a function that opens what is stored as the resource proxy would. */
export async function createOpener(privateKeys: readonly SealingJwk[]): Promise<Opener> {
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
