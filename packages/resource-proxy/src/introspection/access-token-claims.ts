import { parseGrantedScope, type ScopeToken } from '@aipassport/policy';
import type { JWTPayload } from 'jose';

/** The claims of an access token. The row of the grant in the database decides which of them still apply. */
export interface AccessTokenClaims {
  readonly grantId: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly tokens: readonly ScopeToken[];
  /** NumericDate, in seconds. */
  readonly expiresAtSeconds: number;
  /**
   * The thumbprint of the client's key to which the token is bound (RFC 9449 section 6.1). Undefined for a bearer
   * token.
   */
  readonly keyThumbprint: string | undefined;
}

/** SHA-256 in base64url. */
const thumbprintPattern = /^[\w-]{43}$/;

/**
 * @returns undefined when a required claim (RFC 9068 section 2.2, and `grant_id`) is missing, or the token is bound to
 * something that this proxy cannot check
 */
export function parseAccessTokenClaims(payload: JWTPayload): AccessTokenClaims | undefined {
  const { sub, client_id: clientId, grant_id: grantId, scope, exp, jti } = payload;
  if (typeof sub !== 'string' || typeof clientId !== 'string' || typeof grantId !== 'string') return undefined;
  if (typeof scope !== 'string' || typeof exp !== 'number' || typeof jti !== 'string') return undefined;
  const { cnf: confirmation } = payload;
  const keyThumbprint = readKeyThumbprint(confirmation);
  // If another confirmation method (RFC 7800) were ignored, the token would be accepted as a bearer token.
  if (confirmation !== undefined && keyThumbprint === undefined) return undefined;
  return { grantId, accountId: sub, clientId, tokens: parseGrantedScope(scope), expiresAtSeconds: exp, keyThumbprint };
}

function readKeyThumbprint(confirmation: unknown): string | undefined {
  if (typeof confirmation !== 'object' || confirmation === null || !('jkt' in confirmation)) return undefined;
  if (Object.keys(confirmation).length !== 1 || typeof confirmation.jkt !== 'string') return undefined;
  return thumbprintPattern.test(confirmation.jkt) ? confirmation.jkt : undefined;
}
