import { type Database, hashSecret } from '@aipassport/store';
import { type Artifact, pollDeviceCode } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { oauthError } from '../describe-oauth-denial.js';
import { orUnavailable } from '../errors.js';
import { endGrant } from './end-grant.js';
import type { Redemption } from './redemption.js';

/**
 * The time within which a repeat may be an accident: a terminal that lost its connection asks again, because it did not
 * get the answer.
 */
const repeatGraceSeconds = 10;

/**
 * Answers a poll of a terminal whose owner has not decided yet (RFC 8628 section 3.5). The answer needs no transaction.
 * @throws `authorization_pending` or `slow_down`; returns in all other cases, including an expired code
 */
export async function requireDecision(db: Database, { oidc }: KoaContextWithOIDC, secret: string): Promise<void> {
  const poll = { idHash: hashSecret(secret), clientId: oidc.client?.clientId ?? '' };
  switch (await orUnavailable(pollDeviceCode(db, poll))) {
    case 'pending':
      throw oauthError({ reason: 'decision_pending' });
    case 'too_early':
      throw oauthError({ reason: 'poll_too_early' });
    case undefined:
  }
}

/**
 * Redeems a device code once. A repeat is always refused. Only the terminal should know the code, so a repeat that is
 * late, or that comes from another client, counts as a theft of the code and ends the grant.
 */
export async function redeemDeviceCode({ ctx, handle }: Redemption, code: Artifact | undefined): Promise<void> {
  if (code?.consumedForSeconds === undefined) return handle();
  const isAccident =
    code.consumedForSeconds <= repeatGraceSeconds && code.payload['clientId'] === ctx.oidc.client?.clientId;
  if (!isAccident) endGrant(ctx, code.grantId);
  throw oauthError({ reason: 'device_code_consumed' });
}
