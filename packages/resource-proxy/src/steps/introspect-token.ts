import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { TokenIntrospector } from '../introspection/token-introspector.js';

/**
 * Turns an access token into what it stands for.
 * @throws Denied 401 for a token that is not valid here, 503 when that cannot be found out
 */
export function introspectToken(
  { introspector }: { readonly introspector: TokenIntrospector },
  accessToken: string,
): Promise<AccessTokenClaims> {
  return introspector.introspect(accessToken);
}
