import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { OperationMatch } from '../steps/match-operation.js';

/** A request about an object that an upstream stores. */
export interface StateRequest {
  readonly match: OperationMatch<'state'>;
  readonly claims: AccessTokenClaims;
  /** The client's headers that were picked for the upstream. */
  readonly clientHeaders: Record<string, string>;
}
