import {
  type CallTerms,
  createPriceCatalogue,
  type Estimate,
  estimateCall,
  models,
  type PriceCatalogue,
} from '../../src/index.js';

export const now = new Date('2026-11-22T00:00:00Z');
const builtIn = createPriceCatalogue();

export function termsOf(operationId: string, modelId: string, catalogue: PriceCatalogue = builtIn): CallTerms {
  const upstream = models.find(({ id }) => id === modelId)?.upstream ?? 'openai';
  const price = catalogue.findPrice(upstream, modelId, now);
  const limits = catalogue.findLimits(upstream, modelId);
  if (price === undefined || limits === undefined) throw new Error(`${modelId} is not sold`);
  return { operationId, price, limits };
}

export function estimateOf(operationId: string, modelId: string, body: Record<string, unknown>): Estimate {
  const result = estimateCall(body, termsOf(operationId, modelId));
  if (!result.ok) throw new Error(`${result.refusal.driver}: ${result.refusal.problem}`);
  return result.estimate;
}

/** As `driver: problem`, or undefined when the request has a price. */
export function refusalOf(operationId: string, modelId: string, body: Record<string, unknown>): string | undefined {
  const result = estimateCall(body, termsOf(operationId, modelId));
  return result.ok ? undefined : `${result.refusal.driver}: ${result.refusal.problem}`;
}
