import { errors, jwtVerify } from 'jose';
import { Denied } from '../denials/denial.js';
import { type AccessTokenClaims, parseAccessTokenClaims } from './access-token-claims.js';
import { type SigningKeys, SigningKeysUnavailable } from './signing-keys.js';

export interface VerificationOptions {
  readonly keys: SigningKeys;
  readonly issuer: string;
  /** The resource identifier that tokens for this proxy name as their only audience. */
  readonly audience: string;
  readonly now: () => number;
}

/** Clocks of two machines differ by a few seconds; a minute of leeway would be a minute of life after the end. */
export const leewaySeconds = 15;
const headerNames = new Set(['alg', 'typ', 'kid']);

/**
 * Verifies an access token (RFC 9068 section 4) without asking anyone but for keys.
 *
 * @throws Denied `token_invalid`, `token_expired`, or `authorization_server_unavailable` when no key was ever had
 */
export async function verifySignature(options: VerificationOptions, accessToken: string): Promise<AccessTokenClaims> {
  const { keys, issuer, audience, now } = options;
  const currentDate = new Date(now());
  try {
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys.find, {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      issuer,
      audience,
      clockTolerance: leewaySeconds,
      currentDate,
      requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id', 'grant_id', 'scope'],
    });
    // `jku`, `jwk` and `x5u` would be the caller's idea of where our keys are; our issuer sends none of them.
    if (Object.keys(protectedHeader).some((name) => !headerNames.has(name))) throw invalid('header parameter');
    if (Array.isArray(payload.aud) && payload.aud.length !== 1) throw invalid('several audiences');
    if ((payload.iat ?? 0) > currentDate.getTime() / 1000 + leewaySeconds) throw invalid('issued in the future');
    const claims = parseAccessTokenClaims(payload);
    if (claims === undefined) throw invalid('claim of the wrong type');
    return claims;
  } catch (error) {
    if (error instanceof SigningKeysUnavailable)
      throw new Denied({ reason: 'authorization_server_unavailable' }, { cause: error });
    if (error instanceof errors.JWTExpired) throw new Denied({ reason: 'token_expired' });
    // Codes only: jose's messages and payloads may hold parts of the token.
    if (error instanceof errors.JOSEError) throw invalid(error.code);
    throw error;
  }
}

function invalid(detail: string): Denied {
  return new Denied({ reason: 'token_invalid', detail });
}
