import {
  type BodyOperationId,
  type CallTerms,
  createPriceCatalogue,
  type Estimate,
  estimateCall,
  isBodyOperation,
  models,
  type PriceCatalogue,
  parseOperationId,
} from '../../src/index.js';

export const now = new Date('2026-11-22T00:00:00Z');
const builtIn = createPriceCatalogue();

export function termsOf(operationId: BodyOperationId, modelId: string, catalogue: PriceCatalogue = builtIn): CallTerms {
  return { operationId, ...priceOf(modelId, catalogue) };
}

export function priceOf(modelId: string, catalogue: PriceCatalogue = builtIn): Pick<CallTerms, 'price' | 'limits'> {
  const upstream = models.find(({ id }) => id === modelId)?.upstream ?? 'openai';
  const price = catalogue.findPrice(upstream, modelId, now);
  const limits = catalogue.findLimits(upstream, modelId);
  if (price === undefined || limits === undefined) throw new Error(`${modelId} is not sold`);
  return { price, limits };
}

export function estimateOf(operationId: string, modelId: string, body: Record<string, unknown>): Estimate {
  const result = estimateCall(body, termsOf(requireBodyOperation(operationId), modelId));
  if (!result.ok) throw new Error(`${result.refusal.driver}: ${result.refusal.problem}`);
  return result.estimate;
}

/** The refusal as `driver: problem`; undefined when the request has a price. */
export function refusalOf(operationId: string, modelId: string, body: Record<string, unknown>): string | undefined {
  const result = estimateCall(body, termsOf(requireBodyOperation(operationId), modelId));
  return result.ok ? undefined : `${result.refusal.driver}: ${result.refusal.problem}`;
}

/** The tables in the tests contain the names of operations as plain strings. */
function requireBodyOperation(text: string): BodyOperationId {
  const id = parseOperationId(text);
  if (id === undefined || !isBodyOperation(id)) throw new Error(`${text} has no body`);
  return id;
}
