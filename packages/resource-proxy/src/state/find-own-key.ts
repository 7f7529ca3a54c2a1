import type { Upstream } from '@aipassport/policy';
import { findProviderKey } from '@aipassport/store/proxying';
import type { ProxyDependencies } from '../dependencies.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';

/**
 * Finds the account's own provider key as it is now. A deleted provider key is not used, not even for objects that were
 * stored with it.
 * @returns undefined when the account has only the operator's provider key; nothing is stored with that key
 * @throws Denied
 */
export async function findOwnKey(
  { db, providerKeys }: Pick<ProxyDependencies, 'db' | 'providerKeys'>,
  accountId: string,
  upstream: Upstream,
): Promise<ProviderKey | undefined> {
  const current = await findProviderKey(db, { accountId, upstream });
  const key = await providerKeys.recall(accountId, upstream);
  if (current === undefined && key.kind === 'operator') return undefined;
  return providerKeys.confirm(key, { accountId, upstream, currentId: current?.id, usesOperatorKey: false });
}
