import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { findRedeemed } from './engine/find-redeemed.js';

/**
 * Adds two claims to an access token: `grant_id`, and `auth_time`, the time at which the owner signed in (RFC 9068
 * section 2.2.1). A refresh keeps `auth_time`, because the owner does not sign in then. Introspection answers with both
 * claims (RFC 9470 section 6.2).
 */
export function describeToken({ oidc }: KoaContextWithOIDC, token: AccessToken | ClientCredentials) {
  if (!('grantId' in token)) return undefined;
  const signedInAt = findRedeemed(oidc)?.authTime;
  return { grant_id: token.grantId, ...(signedInAt !== undefined && { auth_time: signedInAt }) };
}
