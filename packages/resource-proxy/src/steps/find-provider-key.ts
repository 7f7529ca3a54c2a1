import type { Operation } from '@aipassport/policy';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { ProviderKey, ProviderKeys } from '../provider-keys/provider-keys.js';

/**
 * Finds the provider key that this request will be sent with. It belongs to the token's account or to the operator, or
 * is the placeholder for the simulated upstream. Called before the admission, so that a request without a provider key
 * is not counted. `confirmProviderKey` is called after the admission.
 * @throws Denied `provider_key_missing`, `provider_key_unusable` or `sealing_key_unavailable`
 */
export function findProviderKey(
  { providerKeys }: { readonly providerKeys: ProviderKeys },
  { accountId }: AccessTokenClaims,
  { upstream }: Operation,
): Promise<ProviderKey> {
  return providerKeys.recall(accountId, upstream);
}
