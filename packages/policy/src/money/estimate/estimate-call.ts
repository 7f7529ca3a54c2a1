import { modelFieldTables, type PricedBodyOf } from '../../fields/field-tables.js';
import type { BodyOperationId, UploadOperationId } from '../../operations/dialect-operations.js';
import type { JsonObject } from '../json.js';
import type { CallTerms } from './call-terms.js';
import { type CostRefusal, CostRefused } from './cost-refusal.js';
import { buildEstimate, type Demand, type Estimate } from './estimate.js';
import { estimateTable, uploadTable } from './estimate-table.js';
import type { OperationEstimate } from './operation-estimate.js';
import { requireOffered } from './require-offered.js';
import type { Upload, UploadTerms } from './upload.js';

export type EstimateResult =
  | { readonly ok: true; readonly estimate: Estimate }
  | { readonly ok: false; readonly refusal: CostRefusal };

/** Estimates the most that a request with a JSON body can cost. A request with a part that has no price is refused. */
export function estimateCall(body: JsonObject, terms: CallTerms): EstimateResult {
  const { demand }: Pick<OperationEstimate<JsonObject>, 'demand'> = estimateTable[terms.operationId];
  return estimateWith(terms, () => {
    requireOffered(body, modelFieldTables[terms.operationId]);
    return demand(body, terms);
  });
}

/** Estimates the most that an upload can cost. The estimate depends only on the terms and on the facts in `Upload`. */
export function estimateUpload(operationId: UploadOperationId, upload: Upload, terms: UploadTerms): EstimateResult {
  return estimateWith(terms, () => uploadTable[operationId](upload, terms));
}

function estimateWith({ price }: Pick<CallTerms, 'price'>, demand: () => Demand): EstimateResult {
  try {
    return { ok: true, estimate: buildEstimate(price, demand()) };
  } catch (error) {
    if (error instanceof CostRefused) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

/**
 * Writes an output limit into a request's body, at the place for its operation. Returns a new body; if the operation
 * has no output limit, the same body.
 *
 * @param tokens for all choices together, as `lowerOutputLimit` returns it; divided evenly between the choices
 */
export function withOutputLimit<Id extends BodyOperationId>(
  operationId: Id,
  body: JsonObject & PricedBodyOf<Id>,
  tokens: number,
): JsonObject {
  const { limitOutput }: OperationEstimate<PricedBodyOf<Id>> = estimateTable[operationId];
  return limitOutput === undefined ? body : limitOutput(body, tokens);
}
