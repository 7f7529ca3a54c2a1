import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { Configuration } from '../configuration.js';

/**
 * Verifies access tokens by their signature: whether they were issued here, and not whether they live still.
 * @returns a function that rejects for any other token
 */
export function createTokenVerifier({ issuer, signingKeys }: Pick<Configuration, 'issuer' | 'signingKeys'>) {
  const keys = createLocalJWKSet({ keys: signingKeys.map(({ d: _secret, ...publicKey }) => publicKey) });
  return async (token: string, expired: 'refused' | 'accepted' = 'refused'): Promise<JWTPayload> => {
    const currentDate = expired === 'accepted' ? { currentDate: new Date(0) } : {};
    const { payload } = await jwtVerify(token, keys, { issuer, typ: 'at+jwt', algorithms: ['ES256'], ...currentDate });
    return payload;
  };
}
