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
 * Returns the tokens that the request counts against a limit per minute, at most as many as the database's integers
 * hold.
 */
export function countTokens({ tokens }: Quote): number {
  return Math.min(tokens, 2_000_000_000);
}
