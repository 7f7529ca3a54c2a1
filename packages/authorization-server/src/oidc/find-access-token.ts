import type { AccessToken, Provider } from 'oidc-provider';
import { createTokenVerifier } from './verify-access-token.js';

/**
 * Creates a function that finds the row of a signed access token. The function resolves with undefined for a token that
 * this server did not issue, and for a token that has expired or was revoked.
 */
export function createTokenFinder(terms: Parameters<typeof createTokenVerifier>[0]) {
  const verify = createTokenVerifier(terms);
  return async (provider: Provider, token: string): Promise<AccessToken | undefined> => {
    const { jti } = await verify(token).catch(() => ({ jti: undefined }));
    return jti === undefined ? undefined : provider.AccessToken.find(jti);
  };
}
