import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { oauthError } from '../describe-oauth-denial.js';
import { currentContext } from './current-context.js';

/** A client assertion or a DPoP proof, which a client may use only once. */
export interface OnceOnly {
  readonly clientId: string;
  /** The `jti` of a client assertion or of a DPoP proof. */
  readonly identifier: string;
  readonly expiresAt: Date;
}

/**
 * Makes oidc-provider ask `recordUse` whether a client assertion (RFC 7523) or a DPoP proof (RFC 9449) is used for the
 * first time. By itself, oidc-provider looks for an earlier use and then stores the new one, so two simultaneous
 * requests could both succeed.
 * @param recordUse resolves with false for a repeat
 *
 * Assumption: client assertions and DPoP proofs are checked with ReplayDetection.unique.
 */
export function detectReplays(provider: Provider, recordUse: (use: OnceOnly) => Promise<boolean>): void {
  provider.ReplayDetection.unique = async (clientId, identifier, expiresAt) => {
    if (await recordUse({ clientId, identifier, expiresAt: new Date(expiresAt * 1_000) })) return true;
    // For `false`, oidc-provider answers `invalid_client`.
    if (isAssertion(currentContext(), identifier)) return false;
    // RFC 9449 section 5 requires `invalid_dpop_proof`. For `false`, oidc-provider gives another error.
    throw oauthError({ reason: 'proof_used' });
  };
}

function isAssertion(ctx: KoaContextWithOIDC | undefined, identifier: string): boolean {
  const assertion = ctx?.oidc.params?.['client_assertion'];
  return typeof assertion === 'string' && decodeJwt(assertion).jti === identifier;
}
