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
  /** The most tokens that the vendor adds to the input from what it stores. */
  readonly storedTokens?: number | undefined;
  /** The most pictures among those. Another model may bill more tokens for them. */
  readonly storedPictures?: number | undefined;
}
