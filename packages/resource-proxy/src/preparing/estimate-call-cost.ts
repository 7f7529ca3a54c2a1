import {
  type BodyOperationId,
  type Counted,
  type Estimate,
  type EstimateResult,
  estimateCall,
  estimateUpload,
  type Model,
  type Operation,
  type PriceCatalogue,
  totalTokens,
  type UploadOperationId,
} from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { JsonObject } from '../json/read-strict-json.js';
import type { Upload } from '../reading/read-upload.js';
import type { CallCost, Quote } from './call-facts.js';

/** The input of the estimate: the parsed body, or the facts of an upload. */
export type EstimateInput =
  | { readonly kind: 'json'; readonly form: BodyOperationId; readonly body: JsonObject }
  | { readonly kind: 'upload'; readonly form: UploadOperationId; readonly upload: Upload };

export interface PricedCall {
  readonly operation: Pick<Operation, 'upstream' | 'modelsPath'>;
  readonly model: Model;
  readonly content: EstimateInput;
  readonly nowMilliseconds: number;
  readonly counted?: Counted | undefined;
  /** The maximum number of stored tokens that the vendor adds to the input. */
  readonly storedTokens?: number | undefined;
  readonly storedPictures?: number | undefined;
}

/**
 * Computes the maximum cost of a call, before its cost is reserved.
 * @throws Denied for a model without a price, and for a call whose cost has no bound
 */
export function estimateCallCost(
  prices: PriceCatalogue,
  { operation, model, content, nowMilliseconds, counted, storedTokens, storedPictures }: PricedCall,
): Estimate {
  const price = prices.findPrice(model.upstream, model.id, new Date(nowMilliseconds));
  const limits = prices.findLimits(model.upstream, model.id);
  if (price === undefined || limits === undefined) {
    const { upstream, modelsPath } = operation;
    throw new Denied({ reason: 'model_unpriced', of: { upstream, modelsPath } });
  }
  const terms = { price, limits, counted, storedTokens, storedPictures };
  const result: EstimateResult =
    content.kind === 'json'
      ? estimateCall(content.body, { ...terms, operationId: content.form })
      : estimateUpload(content.form, content.upload, terms);
  if (!result.ok) throw new Denied({ reason: 'cost_unbounded', ...result.refusal });
  return result.estimate;
}

function toQuote(estimate: Estimate): Quote {
  const { price, inputs, output, unreported, worstCaseNanoUsd, floorNanoUsd, shareNanoUsd } = estimate;
  const tokens = totalTokens(estimate);
  return { price, inputs, output, unreported, worstCaseNanoUsd, floorNanoUsd, shareNanoUsd, tokens };
}

/** Returns a denial instead of throwing it. A later step throws it. */
export function tryCost(estimate: () => Estimate): {
  readonly cost: CallCost;
  readonly estimate: Estimate | undefined;
} {
  try {
    const found = estimate();
    return { cost: { ok: true, quote: toQuote(found) }, estimate: found };
  } catch (error) {
    if (error instanceof Denied) return { cost: { ok: false, denial: error.denial }, estimate: undefined };
    throw error;
  }
}
