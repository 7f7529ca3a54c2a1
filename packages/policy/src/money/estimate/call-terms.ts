import type { BodyOperationId } from '../../operations/dialect-operations.js';
import type { ModelLimits } from '../model-limits.js';
import type { Price } from '../price.js';
import type { Counted } from './counted.js';

/** What an estimate needs besides the request. */
export interface CallTerms {
  readonly operationId: BodyOperationId;
  readonly price: Price;
  readonly limits: ModelLimits;
  readonly counted?: Counted | undefined;
  /** The most tokens of stored objects that the vendor adds to the input. */
  readonly storedTokens?: number | undefined;
  /**
   * The most pictures in the stored objects. They are counted separately, because this model may bill more tokens for a
   * picture than the model that read it before.
   */
  readonly storedPictures?: number | undefined;
}
