import type { Operation } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { Reservation } from './admit.js';

export interface KeyConfirmation {
  /** As it was found before the admission. */
  readonly key: ProviderKey;
  readonly operation: Operation;
  readonly reservation: Reservation;
  /** Whether the request relies on what is stored with the owner's own key. */
  readonly needsOwnKey: boolean;
}

/**
 * Makes sure that a key is the one that its owner has: the admission has looked, when the statement that counted the
 * request began. A request that is sent after the deletion of a key was answered never uses it; one that was waiting
 * may. Only requests that were counted for the operator's key use it.
 *
 * @throws Denied `provider_key_missing`, `provider_key_unusable` or `provider_key_changed`; the request does not count then
 */
export async function confirmProviderKey(
  { providerKeys, settler }: Pick<ProxyDependencies, 'providerKeys' | 'settler'>,
  { key, operation, reservation, needsOwnKey }: KeyConfirmation,
): Promise<ProviderKey> {
  const { admission, request } = reservation;
  const { requestId, grantId, accountId } = request;
  try {
    const confirmed = await providerKeys.confirm(key, {
      accountId,
      upstream: operation.upstream,
      currentId: admission.providerKeyId,
      usesOperatorKey: admission.usesOperatorKey,
    });
    if (needsOwnKey && confirmed.kind === 'operator') throw new Denied({ reason: 'provider_key_changed' });
    return confirmed;
  } catch (error) {
    settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
    throw error;
  }
}
