import { hkdfSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC, Configuration as ProviderConfiguration } from 'oidc-provider';
import type { Configuration } from '../configuration.js';
import { oauthError } from './describe-oauth-denial.js';
import { maxSecondsAhead } from './proof-time.js';

type DPoP = NonNullable<NonNullable<ProviderConfiguration['features']>['dPoP']>;

interface DPoPTerms {
  readonly configuration: Pick<Configuration, 'cookieKeys' | 'dpopNonce'>;
  readonly now: () => Date;
}

/**
 * Demonstrating Proof of Possession (RFC 9449). A client that sends a proof gets tokens that are bound to the key of
 * the proof. Other clients get bearer tokens.
 */
export function describeDPoP({ configuration: { cookieKeys, dpopNonce }, now }: DPoPTerms): DPoP {
  return {
    enabled: true,
    nonceSecret: deriveNonceSecret(cookieKeys[0]),
    // oidc-provider calls `requireNonce` once for each proof, before it verifies the proof. Each proof can therefore be
    // checked here.
    requireNonce: (ctx) => {
      requirePast(ctx, now());
      return dpopNonce === 'required';
    },
    allowReplay: false,
  };
}

/**
 * All replicas have the same cookie keys, so each replica accepts the nonces of the others. While the keys are rotated,
 * a client may have to repeat its request with a new nonce, as it must when a nonce has expired.
 */
function deriveNonceSecret(cookieKey: string): Buffer {
  return Buffer.from(hkdfSync('sha256', cookieKey, '', 'aipassport DPoP nonce', 32));
}

/**
 * Refuses a proof whose `iat` is more than `maxSecondsAhead` in the future. oidc-provider accepts an `iat` that is five
 * minutes ahead, and any `iat` in a proof with a nonce.
 */
function requirePast(ctx: KoaContextWithOIDC, now: Date): void {
  const iat = readIssuedAt(ctx.get('DPoP'));
  if (iat !== undefined && iat > now.getTime() / 1_000 + maxSecondsAhead)
    throw oauthError({ reason: 'proof_in_future', maxSecondsAhead });
}

/** @returns undefined for a malformed proof, which oidc-provider refuses */
function readIssuedAt(proof: string): number | undefined {
  try {
    return decodeJwt(proof).iat;
  } catch {
    return undefined;
  }
}
