import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
  UnsecuredJWT,
} from 'jose';
import { Denied } from '../denials/denial.js';
import { type AccessTokenClaims, parseAccessTokenClaims } from './access-token-claims.js';
import { type SigningKeys, SigningKeysUnavailable } from './signing-keys.js';

export interface VerificationOptions {
  readonly keys: SigningKeys;
  readonly issuer: string;
  /** The resource identifier of this proxy, which must be the only audience of a token. */
  readonly audience: string;
  readonly now: () => number;
}

/**
 * The clocks of two machines may differ by a few seconds. The leeway is short, because a token is accepted for this
 * time after its expiry.
 */
export const leewaySeconds = 15;
const headerNames = new Set(['alg', 'typ', 'kid']);
/** The `kid` of a signing key that the launcher makes has 43 characters (RFC 7638). */
const maxKeyIdLength = 200;

/** The result of verifying a token locally. */
export type Verification =
  | { readonly kind: 'verified'; readonly claims: AccessTokenClaims }
  /** The token names a signing key that is not cached. Its claims are well-formed but unverified. */
  | { readonly kind: 'key_unknown'; readonly keyId: string; readonly claims: AccessTokenClaims };

/**
 * Verifies an access token (RFC 9068 section 4). It sends no request, except to fetch the signing keys when that is
 * needed.
 *
 * @throws Denied `token_invalid`, `token_expired`, or `authorization_server_unavailable` when no signing keys of the
 * last day are known
 */
export async function verifySignature(options: VerificationOptions, accessToken: string): Promise<Verification> {
  try {
    return await verify(options, accessToken);
  } catch (error) {
    if (error instanceof SigningKeysUnavailable)
      throw new Denied({ reason: 'authorization_server_unavailable' }, { cause: error });
    if (error instanceof errors.JWTExpired) throw new Denied({ reason: 'token_expired' });
    // Only the error code is logged: jose's messages and payloads may contain parts of the token.
    if (error instanceof errors.JOSEError) throw invalid(error.code);
    throw error;
  }
}

async function verify(options: VerificationOptions, accessToken: string): Promise<Verification> {
  const rules = buildRules(options);
  const verified = await jwtVerify(accessToken, options.keys.find, rules).catch((error: unknown) => {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined;
    throw error;
  });
  if (verified === undefined) return readUnverified(accessToken, rules);
  return { kind: 'verified', claims: readClaims(verified.protectedHeader, verified.payload, rules) };
}

type Rules = ReturnType<typeof buildRules>;

function buildRules({ issuer, audience, now }: VerificationOptions) {
  return {
    algorithms: ['ES256'],
    typ: 'at+jwt',
    issuer,
    audience,
    clockTolerance: leewaySeconds,
    currentDate: new Date(now()),
    requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id', 'grant_id', 'scope'],
  };
}

/**
 * Reads the claims of a token whose signing key is not cached. The algorithm was already checked. The claims are
 * checked by the same rules as the claims of a verified token.
 */
function readUnverified(accessToken: string, rules: Rules): Verification {
  const header = decodeProtectedHeader(accessToken);
  const unsecured = Buffer.from(JSON.stringify({ alg: 'none', typ: header.typ })).toString('base64url');
  const { payload } = UnsecuredJWT.decode(`${unsecured}.${accessToken.split('.')[1] ?? ''}.`, rules);
  const claims = readClaims(header, payload, rules);
  if (typeof header.kid !== 'string' || header.kid.length > maxKeyIdLength) throw invalid('key identifier');
  return { kind: 'key_unknown', keyId: header.kid, claims };
}

function readClaims(header: ProtectedHeaderParameters, payload: JWTPayload, { currentDate }: Rules): AccessTokenClaims {
  // `jku`, `jwk` and `x5u` name a key to verify with, and a caller must not choose it. The authorization server sends
  // none of them.
  if (Object.keys(header).some((name) => !headerNames.has(name))) throw invalid('header parameter');
  if (Array.isArray(payload.aud) && payload.aud.length !== 1) throw invalid('several audiences');
  if ((payload.iat ?? 0) > currentDate.getTime() / 1000 + leewaySeconds) throw invalid('issued in the future');
  const claims = parseAccessTokenClaims(payload);
  if (claims === undefined) throw invalid('claim of the wrong type');
  return claims;
}

function invalid(detail: string): Denied {
  return new Denied({ reason: 'token_invalid', detail });
}
