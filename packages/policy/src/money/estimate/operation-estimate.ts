import type { PricedBodyOf } from '../../fields/field-tables.js';
import type { BodyOperationId, OperationIn } from '../../operations/dialect-operations.js';
import type { Dialect } from '../../operations/dialects.js';
import type { JsonObject } from '../json.js';
import type { CallTerms } from './call-terms.js';
import type { Demand } from './estimate.js';

/** How the cost of one operation's requests is bounded. */
export interface OperationEstimate<Body> {
  /** Finds the most that a request can use. Throws CostRefused for a part that has no price or no bound. */
  readonly demand: (body: Body, terms: CallTerms) => Demand;
  /**
   * Writes an output limit for all choices together into a copy of the body. undefined: the operation has no such
   * limit.
   */
  readonly limitOutput: ((body: Body, tokens: number) => JsonObject) | undefined;
}

/**
 * The estimates of some operations. Code that reads a field that is not in the field table of its operation does not
 * compile.
 */
export type EstimatesFor<Ids extends BodyOperationId> = {
  readonly [Id in Ids]: OperationEstimate<PricedBodyOf<Id>>;
};

/** The estimates of every operation of one dialect. */
export type EstimatesOf<D extends Dialect> = EstimatesFor<OperationIn<D, BodyOperationId>>;

/** The estimate of operations that cost nothing, such as counting tokens and moderation. */
export const free: OperationEstimate<JsonObject> = {
  demand: (body) => ({ body, inputs: [{}] }),
  limitOutput: undefined,
};
