import {
  findHeaderMismatch,
  importSealingKey,
  type SealingJwk,
  type TransitEngine,
  TransitUnavailable,
} from '@aipassport/resource-proxy/operating';
import type { SealedProviderKey } from '@aipassport/store';

/**
 * SECRET: resolves with the provider key in a row. undefined: the provider key is sealed to a sealing key that we do
 * not have, or it was altered, or it was moved from another row. Rejects with TransitUnavailable when a transit engine
 * cannot decrypt at the moment, because such a provider key must not count as lost.
 */
export type Unsealer = (row: SealedProviderKey) => Promise<string | undefined>;

/** The sealing keys in the file of the proxies, and the transit engine that some of them may be in. */
export interface HeldKeys {
  /** SECRET */
  readonly jwks: readonly SealingJwk[];
  readonly engine: TransitEngine | undefined;
}

/** Makes a function that unseals a stored provider key, with the same checks as the resource proxy. */
export async function createUnsealer({ jwks, engine }: HeldKeys): Promise<Unsealer> {
  const opening = new Map(
    await Promise.all(jwks.map(async (jwk) => [jwk.kid, await importSealingKey(jwk, engine)] as const)),
  );
  return async (row) => {
    const opened = await opening
      .get(row.sealingKeyId)
      ?.unseal(row.jwe)
      .catch((error: unknown) => {
        if (error instanceof TransitUnavailable) throw error;
        return undefined;
      });
    if (opened === undefined || findHeaderMismatch(opened.header, row) !== undefined) return undefined;
    return opened.key.reveal();
  };
}
