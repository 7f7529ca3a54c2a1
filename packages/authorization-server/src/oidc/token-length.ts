import { maxAccessTokenLength } from '@aipassport/contracts';
import { type AccessRequest, buildLimits, formatAiAccess, formatScope, limitTable } from '@aipassport/policy';
import { oauthError } from './describe-oauth-denial.js';
import { identifierLength } from './engine/identifier-length.js';

/** Reserved for claims that a later version may add, so that tokens for existing grants still fit. */
const spareCharacters = 140;
const signatureCharacters = 86;
/** A placeholder that is as long as oidc-provider's own identifiers. */
const identifier = 'x'.repeat(identifierLength);
/**
 * The limits whose texts are longest. An amount of money is one unit less than the largest, because it then has decimal
 * places. An owner may change a grant's limits later, and the new values must fit too.
 */
const longestLimits = buildLimits({
  count: (kind) => limitTable[kind].max,
  usd: (kind) => limitTable[kind].max - 1n,
});

interface TokenParties {
  readonly issuer: string;
  readonly resource: string;
  readonly kid: string;
  readonly clientId: string;
}

/**
 * Refuses scopes that do not fit into an access token, before the owner is asked for consent. The resource proxy would
 * refuse such a token at every request.
 * @throws `invalid_scope`
 */
export function requireIssuable(request: Pick<AccessRequest, 'tokens'>, parties: TokenParties): void {
  if (!isIssuable(request, parties)) throw oauthError({ reason: 'scope_too_long' });
}

/** Whether an access token for this scope is short enough. */
export function isIssuable({ tokens }: Pick<AccessRequest, 'tokens'>, parties: TokenParties): boolean {
  const { issuer, resource, kid, clientId } = parties;
  const time = 9_999_999_999;
  const payload = {
    jti: identifier,
    sub: identifier,
    iat: time,
    exp: time,
    authorization_details: [formatAiAccess(tokens, longestLimits, new Date(time * 1_000))],
    scope: formatScope(tokens),
    client_id: clientId,
    iss: issuer,
    aud: resource,
    grant_id: identifier,
    auth_time: time,
    // The token may be bound to a client's key (RFC 9449 section 6.1). The key is not known yet, so a placeholder is
    // measured.
    cnf: { jkt: identifier },
  };
  return measureToken(kid, payload) <= maxAccessTokenLength - spareCharacters;
}

/**
 * Refuses to issue an access token that is too long. An earlier version may have accepted a grant whose tokens are too
 * long.
 * @throws `invalid_scope`
 */
export function requireReadable(kid: string, payload: object): void {
  if (measureToken(kid, payload) > maxAccessTokenLength) throw oauthError({ reason: 'scope_too_long' });
}

/** The length of a token with this payload, in characters. */
export function measureToken(kid: string, payload: object): number {
  const header = { alg: 'ES256', typ: 'at+jwt', kid };
  const parts = [header, payload].map((part) => Buffer.byteLength(JSON.stringify(part)));
  return parts.reduce((length, bytes) => length + Math.ceil((bytes * 4) / 3) + 1, signatureCharacters);
}
