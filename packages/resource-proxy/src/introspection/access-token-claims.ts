import { parseGrantedScope, type ScopeToken } from '@aipassport/policy';
import type { JWTPayload } from 'jose';

/** The claims of a verified access token. The grant's own row decides which of them still apply. */
export interface AccessTokenClaims {
  readonly grantId: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly tokens: readonly ScopeToken[];
  /** NumericDate, in seconds. */
  readonly expiresAtSeconds: number;
}

/** @returns undefined when a required claim (RFC 9068 section 2.2, and `grant_id`) is missing */
export function parseAccessTokenClaims(payload: JWTPayload): AccessTokenClaims | undefined {
  const { sub, client_id: clientId, grant_id: grantId, scope, exp, jti } = payload;
  if (typeof sub !== 'string' || typeof clientId !== 'string' || typeof grantId !== 'string') return undefined;
  if (typeof scope !== 'string' || typeof exp !== 'number' || typeof jti !== 'string') return undefined;
  return { grantId, accountId: sub, clientId, tokens: parseGrantedScope(scope), expiresAtSeconds: exp };
}
