import type { Call } from '../call.js';
import { Denied } from '../denials/denial.js';
import { findScopeDenial } from '../denials/find-scope-denial.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/**
 * Requires the scope of an access token or of a grant to include the model and every capability that a call needs.
 *
 * @throws Denied `scope_missing` with the scope that the call needs. If the cost of the call could not be determined
 * either, throws the denial about the cost instead, because a wider scope would not help
 */
export function authorizeOperation(scope: Pick<AccessTokenClaims, 'tokens'>, call: Call): void {
  const denial = findScopeDenial([scope], call);
  if (denial !== undefined) throw new Denied(call.cost.ok ? denial : call.cost.denial);
}
