import type { Operation } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/**
 * Whether an upstream may store what a request creates, and whether the request may refer to stored objects. With the
 * operator's provider key, neither is allowed, because many accounts share that key.
 */
export async function keepsState(
  { providerKeys }: Pick<ProxyDependencies, 'providerKeys'>,
  { accountId }: Pick<AccessTokenClaims, 'accountId'>,
  { refersToStored, upstream }: Operation,
): Promise<boolean> {
  if (refersToStored !== true) return false;
  try {
    return (await providerKeys.recall(accountId, upstream)).kind !== 'operator';
  } catch (error) {
    // A later step reports this denial.
    if (error instanceof Denied) return false;
    throw error;
  }
}
