import { oneUsd } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';

/** A tenth of a cent: what is left below it is too little for most requests. */
const leastUsefulCost = oneUsd / 1_000n;

/**
 * Whether nothing can be done under a grant any more, unless its owner raises a limit. Budgets of a day or month are
 * free again by themselves, and so is what is set aside.
 */
export function isExhausted({ limits: { maxRequests, maxCost }, usage }: Pick<Grant, 'limits' | 'usage'>): boolean {
  const noRequests = maxRequests !== undefined && usage.requests >= maxRequests;
  return noRequests || (maxCost !== undefined && maxCost - usage.spent < leastUsefulCost);
}
