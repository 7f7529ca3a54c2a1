import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { isHighAssurance } from './client-profiles.js';
import { oauthError } from './describe-oauth-denial.js';
import type { AssertionDenial } from './oauth-denial.js';
import { maxSecondsAhead } from './proof-time.js';

/** The longest lifetime of an assertion. It is limited, because each assertion is stored until it expires. */
const maxLifetimeSeconds = 3_600;

type Claims = Readonly<Record<string, unknown>>;

/**
 * The rules for client assertions (RFC 7523) that oidc-provider does not have. oidc-provider has already verified the
 * signature, and that the claims name this client.
 *
 * The audience must be the issuer and nothing else. With another audience, a malicious authorization server could make
 * the client sign an assertion, and then use that assertion here (audience injection).
 */
export function createAssertionCheck(now: () => Date) {
  return ({ oidc }: KoaContextWithOIDC, claims: Claims, _header: Claims, client: Client): void => {
    const reason = findReason(claims, { issuer: oidc.issuer, client, now: now().getTime() / 1_000 });
    if (reason !== undefined) throw oauthError({ reason });
  };
}

function findReason(
  { aud, iat, exp }: Claims,
  { issuer, client, now }: { readonly issuer: string; readonly client: Client; readonly now: number },
): AssertionDenial['reason'] | undefined {
  // FAPI 2.0 Security Profile, section 5.3.2.1: the audience must be a string. Other clients may send a list with one
  // member.
  const audience = Array.isArray(aud) && aud.length === 1 && !isHighAssurance(client) ? aud[0] : aud;
  if (audience !== issuer) return 'assertion_audience_wrong';
  if (typeof iat === 'number' && iat > now + maxSecondsAhead) return 'assertion_in_future';
  return Number(exp) > now + maxLifetimeSeconds ? 'assertion_lives_too_long' : undefined;
}
