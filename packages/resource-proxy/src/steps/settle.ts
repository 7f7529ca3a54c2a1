import type { Database } from '@aipassport/store';
import { returnRequest } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import type { Outcome } from '../forwarding/outcome.js';
import type { ProviderKey, ProviderKeys } from '../provider-keys/provider-keys.js';
import type { Reservation } from './admit.js';

interface SettleDependencies {
  readonly db: Database;
  readonly log: Logger;
  readonly providerKeys: ProviderKeys;
}

export interface Settlement {
  readonly reservation: Reservation;
  readonly providerKey: ProviderKey;
  readonly outcome: Outcome;
}

/**
 * Closes the books on an admitted request. One that never reached its upstream gives its count back; when that
 * cannot be written, it stays counted: what is not known to be unused is charged.
 */
export async function settle(
  deps: SettleDependencies,
  { reservation, providerKey, outcome }: Settlement,
): Promise<void> {
  const { grantId } = reservation;
  if (outcome.kind !== 'unreached') return deps.providerKeys.touch(providerKey);
  try {
    await returnRequest(deps.db, { grantId });
  } catch (error) {
    deps.log.warn(
      { event: 'request_not_returned', grant_id: grantId, err: error },
      'a request that was not forwarded stays counted',
    );
  }
}
