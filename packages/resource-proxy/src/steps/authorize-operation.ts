import { allowsCapability, allowsModel, formatModelToken } from '@aipassport/policy';
import type { Call } from '../call.js';
import { Denied } from '../denials/denial.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/**
 * Requires the scope of an access token or of a grant to include the model and every capability that a call needs.
 *
 * @throws Denied `scope_missing` with the additional scope that the client would have to ask for (RFC 6750 section
 * 3.1). If the call has no price, a wider scope would not help, so the denial is the one about its cost
 */
export function authorizeOperation(
  { tokens }: Pick<AccessTokenClaims, 'tokens'>,
  { model, capabilities, cost }: Call,
): void {
  const missing = allowsModel(tokens, model) ? [] : [formatModelToken(model)];
  for (const capability of capabilities) if (!allowsCapability(tokens, capability)) missing.push(`cap:${capability}`);
  if (missing.length === 0) return;
  throw new Denied(cost.ok ? { reason: 'scope_missing', requiredScope: missing.join(' ') } : cost.denial);
}
