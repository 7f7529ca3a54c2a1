import type { Call } from '../call.js';
import { Denied } from '../denials/denial.js';
import type { Quote } from '../preparing/call-facts.js';

/**
 * Tells the most that a call can cost, as was found out when its body was read.
 * @throws Denied for a model without a price, and for whatever could cost any amount
 */
export function estimateCost({ cost }: Call): Quote {
  if (!cost.ok) throw new Denied(cost.denial);
  return cost.quote;
}

/** What the request counts against a limit of tokens a minute; no more than the database's integers hold. */
export function countTokens({ tokens }: Quote): number {
  return Math.min(tokens, 2_000_000_000);
}
