import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { Foundation } from '../foundation.js';

type VerifierDependencies = Pick<Foundation, 'now'> & {
  readonly configuration: Pick<Foundation['configuration'], 'issuer' | 'signingKeys'>;
};

/**
 * Verifies by the signature of an access token that this server issued the token. It does not check whether the token
 * was revoked.
 * @returns a function that rejects for any other token
 */
export function createTokenVerifier({ configuration, now }: VerifierDependencies) {
  const { issuer, signingKeys } = configuration;
  const keys = createLocalJWKSet({ keys: signingKeys.map(({ d: _secret, ...publicKey }) => publicKey) });
  return async (token: string, expired: 'refused' | 'accepted' = 'refused'): Promise<JWTPayload> => {
    const currentDate = expired === 'accepted' ? new Date(0) : now();
    const options = { issuer, typ: 'at+jwt', algorithms: ['ES256'], currentDate };
    const { payload } = await jwtVerify(token, keys, options);
    return payload;
  };
}
