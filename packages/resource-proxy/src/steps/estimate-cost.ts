import type { Call } from '../call.js';
import { Denied } from '../denials/denial.js';
import type { Quote } from '../preparing/call-facts.js';

/**
 * Returns the maximum cost of a call, which was computed when its body was read.
 * @throws Denied for a model without a price, and for a call whose cost has no bound
 */
export function estimateCost({ cost }: Call): Quote {
  if (!cost.ok) throw new Denied(cost.denial);
  return cost.quote;
}

/**
 * Returns the number of tokens that count against a limit per minute. It is capped so that it fits an integer of the
 * database.
 */
export function countTokens({ tokens }: Quote): number {
  return Math.min(tokens, 2_000_000_000);
}
