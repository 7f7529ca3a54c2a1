import type { Operation, OperationId } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/** The operations whose requests may refer to stored objects of an upstream. */
const storing: ReadonlySet<OperationId> = new Set(['openai.responses', 'openai.responses/input_tokens']);

/**
 * Whether an upstream may store what a request creates, and whether the request may refer to stored objects. With the
 * operator's provider key it may not, because many accounts share that key.
 */
export async function keepsState(
  { providerKeys }: Pick<ProxyDependencies, 'providerKeys'>,
  { accountId }: Pick<AccessTokenClaims, 'accountId'>,
  { form, upstream }: Operation,
): Promise<boolean> {
  if (!storing.has(form)) return false;
  try {
    return (await providerKeys.recall(accountId, upstream)).kind !== 'operator';
  } catch (error) {
    // A later step reports this denial.
    if (error instanceof Denied) return false;
    throw error;
  }
}
