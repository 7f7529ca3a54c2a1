import { type Estimate, estimateCall, estimateUpload, totalTokens } from '@aipassport/policy';
import type { Call } from '../call.js';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';

/** What a call can cost at most, by the prices of this moment; its settlement goes by the same. */
export type Quote = Estimate;

/**
 * Finds out the most that a call can cost, before anything is set aside for it.
 * @throws Denied for a model without a price, and for whatever could cost any amount
 */
export function estimateCost({ prices, now }: Pick<ProxyDependencies, 'prices' | 'now'>, call: Call): Quote {
  const { model, content, match } = call;
  const price = prices.findPrice(model.upstream, model.id, new Date(now()));
  const limits = prices.findLimits(model.upstream, model.id);
  if (price === undefined || limits === undefined) throw new Denied({ reason: 'model_unpriced' });
  const terms = { operationId: match.operation.id, price, limits };
  const result = content.kind === 'json' ? estimateCall(content.body, terms) : estimateUpload(content.upload, terms);
  if (!result.ok) throw new Denied({ reason: 'cost_unbounded', ...result.refusal });
  return result.estimate;
}

/** What the request counts against a limit of tokens a minute; no more than the database's integers hold. */
export function countTokens(quote: Quote): number {
  return Math.min(totalTokens(quote), 2_000_000_000);
}
