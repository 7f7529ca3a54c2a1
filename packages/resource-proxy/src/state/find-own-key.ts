import type { Upstream } from '@aipassport/policy';
import { findProviderKey } from '@aipassport/store/proxying';
import type { ProxyDependencies } from '../dependencies.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';

/**
 * The account's own key as it is now: a deleted key is not used for what it has stored either.
 * @returns undefined when only the operator's key is left, with which nothing is stored
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
