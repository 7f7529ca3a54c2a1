import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { TokenIntrospector } from '../introspection/token-introspector.js';

/**
 * Returns the verified claims of an access token.
 * @throws Denied 401 for a token that this proxy does not accept, 503 when the token cannot be verified now
 */
export function introspectToken(
  { introspector }: { readonly introspector: TokenIntrospector },
  accessToken: string,
  requestId: string,
): Promise<AccessTokenClaims> {
  return introspector.introspect(accessToken, requestId);
}
