import type { Operation } from '@aipassport/policy';
import { markSimulated } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { Reservation } from './admit.js';

export interface KeyConfirmation {
  /** The provider key that was found before the admission. */
  readonly key: ProviderKey;
  readonly operation: Operation;
  readonly reservation: Reservation;
  /** Whether the request stores objects, or uses stored objects, with the owner's own provider key. */
  readonly needsOwnKey: boolean;
}

/**
 * Returns the provider key with which the request is sent: the one that was found before the admission if it is still
 * current, and otherwise the current one. The admission read the current provider key when its statement began. So if
 * the owner deletes a provider key, no request that arrives after the deletion was confirmed uses it. A request whose
 * admission began before that may still use it. The operator's provider key is used only by requests that were counted
 * against the operator's caps.
 *
 * @throws Denied `provider_key_missing`, `provider_key_unusable`, `sealing_key_unavailable`, `provider_key_changed` or
 * `overloaded`; the request does not count then
 */
export async function confirmProviderKey(
  { db, providerKeys, settler }: Pick<ProxyDependencies, 'db' | 'providerKeys' | 'settler'>,
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
    // Another process has charged the reservation, because the lease of this process had ended.
    if (confirmed.kind === 'simulated' && !(await markSimulated(db, { requestId, grantId })))
      throw new Denied({ reason: 'overloaded' });
    return confirmed;
  } catch (error) {
    settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
    throw error;
  }
}
