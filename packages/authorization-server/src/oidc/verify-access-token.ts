import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { Foundation } from '../foundation.js';

type VerifierDependencies = Pick<Foundation, 'now'> & {
  readonly configuration: Pick<Foundation['configuration'], 'issuer' | 'signingKeys'>;
};

/**
 * Creates a function that verifies that this server issued an access token (by its signature, issuer and type), and
 * that the token has not expired. It does not check whether the token was revoked.
 * @returns the function. It resolves with the token's claims. It rejects for a token that this server did not issue,
 * and for an expired token unless its second argument is `accepted`
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
