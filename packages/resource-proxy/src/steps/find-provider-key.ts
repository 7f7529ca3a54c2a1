import type { Operation } from '@aipassport/policy';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { ProviderKey, ProviderKeys } from '../provider-keys/provider-keys.js';

/**
 * Finds the key that this request will go out with, never another account's than the token's. Asked before admission,
 * so that nothing is counted where there is none; `confirmProviderKey` follows after it.
 * @throws Denied `provider_key_missing` or `provider_key_unusable`
 */
export function findProviderKey(
  { providerKeys }: { readonly providerKeys: ProviderKeys },
  { accountId }: AccessTokenClaims,
  { upstream }: Operation,
): Promise<ProviderKey> {
  return providerKeys.recall(accountId, upstream);
}
