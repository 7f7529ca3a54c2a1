import { allowsCapability, allowsModel, formatModelToken } from '@aipassport/policy';
import type { Call } from '../call.js';
import { Denied } from '../denials/denial.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/**
 * Requires the model and every capability that a call takes to be within the token's scope.
 * @throws Denied `scope_missing` with what the client would have to ask for besides (RFC 6750 section 3.1)
 */
export function authorizeOperation({ tokens }: AccessTokenClaims, { model, capabilities }: Call): void {
  const missing = allowsModel(tokens, model) ? [] : [formatModelToken(model)];
  for (const capability of capabilities) if (!allowsCapability(tokens, capability)) missing.push(`cap:${capability}`);
  if (missing.length > 0) throw new Denied({ reason: 'scope_missing', requiredScope: missing.join(' ') });
}
