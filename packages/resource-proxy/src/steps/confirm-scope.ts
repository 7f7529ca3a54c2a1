import type { Call } from '../call.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Reservation } from './admit.js';
import { authorizeOperation } from './authorize-operation.js';

/**
 * Requires the grant's present scope to allow a call. The token's scope was checked before the admission, but the owner
 * may have narrowed the grant's scope since the token was issued. If the owner has widened it, only new tokens have the
 * wider scope.
 *
 * @throws Denied as `authorizeOperation` does; the request does not count then
 */
export function confirmScope(
  { settler }: Pick<ProxyDependencies, 'settler'>,
  { admission, request }: Reservation,
  call: Call,
): void {
  const { requestId, grantId, accountId } = request;
  try {
    authorizeOperation(admission, call);
  } catch (error) {
    settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
    throw error;
  }
}
