import { allowsCapability, allowsModel, type Capability, formatModelToken, type Model } from '@aipassport/policy';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { Denial } from './denial.js';

/**
 * The model and the capabilities that the scope of a request must include. A request for stored state names no model.
 */
interface ScopeNeed {
  readonly model?: Model;
  readonly capabilities: ReadonlySet<Capability>;
}

type ScopeDenial = Extract<Denial, { readonly reason: 'scope_missing' }>;

/**
 * Compares what a request needs with each of the given scopes.
 *
 * @returns undefined when each of the given scopes allows the request. A denial names the whole scope that the request
 * needs (RFC 6750 section 3.1). The missing part alone would not be enough: clients request exactly the named scope,
 * and the new token has no other scope
 */
export function findScopeDenial(
  scopes: readonly Pick<AccessTokenClaims, 'tokens'>[],
  { model, capabilities }: ScopeNeed,
): ScopeDenial | undefined {
  const missing: string[] = [];
  if (model !== undefined && !scopes.every(({ tokens }) => allowsModel(tokens, model)))
    missing.push(formatModelToken(model));
  for (const capability of capabilities)
    if (!scopes.every(({ tokens }) => allowsCapability(tokens, capability))) missing.push(`cap:${capability}`);
  if (missing.length === 0) return undefined;
  const required = [...capabilities].map((capability) => `cap:${capability}`);
  if (model !== undefined) required.unshift(formatModelToken(model));
  return { reason: 'scope_missing', requiredScope: required.join(' '), missingScope: missing.join(' ') };
}
