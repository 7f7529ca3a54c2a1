import type { ModelLimits } from '../model-limits.js';
import type { Price } from '../price.js';
import type { Counted } from './counted.js';

/** What a request is to be estimated by. */
export interface CallTerms {
  readonly operationId: string;
  readonly price: Price;
  readonly limits: ModelLimits;
  readonly counted?: Counted | undefined;
  /** What the vendor adds to the input of what it stores, at most. */
  readonly storedTokens?: number | undefined;
  /** The pictures among that, at most: another model may be billed more for them. */
  readonly storedPictures?: number | undefined;
}
