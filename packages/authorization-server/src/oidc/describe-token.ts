import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { findRedeemed } from './engine/find-redeemed.js';

/**
 * Our claims of an access token: its grant, and when the owner signed in (RFC 9068 section 2.2.1). A refresh does not
 * change the second one, since nobody signs in. Introspection answers with both (RFC 9470 section 6.2).
 */
export function describeToken({ oidc }: KoaContextWithOIDC, token: AccessToken | ClientCredentials) {
  if (!('grantId' in token)) return undefined;
  const signedInAt = findRedeemed(oidc)?.authTime;
  return { grant_id: token.grantId, ...(signedInAt !== undefined && { auth_time: signedInAt }) };
}
