import type { Artifact } from '@aipassport/store/authorization';
import { oauthError } from '../describe-oauth-denial.js';
import { isIssuedFor } from '../engine/is-issued-for.js';
import { endGrant } from './end-grant.js';
import type { Redemption } from './redemption.js';

/** The time within which a repeat may be an accident: a client redeems its code again if its page is loaded again. */
const repeatGraceSeconds = 10;

/**
 * Redeems a code once. A repeat is always refused. A repeat also ends the grant (RFC 6749 section 4.1.2), unless it is
 * clearly an accident: it comes from the same client, with the right verifier, within ten seconds. A thief of the code
 * does not have the verifier.
 */
export async function redeemCode({ ctx, handle }: Redemption, code: Artifact | undefined): Promise<void> {
  if (code?.consumedForSeconds === undefined) return handle();
  const { client, params } = ctx.oidc;
  const redeemer = { clientId: client?.clientId, codeVerifier: params?.['code_verifier'] };
  const isAccident = code.consumedForSeconds <= repeatGraceSeconds && isIssuedFor(code.payload, redeemer);
  if (!isAccident) endGrant(ctx, code.grantId);
  throw oauthError({ reason: 'code_consumed' });
}
