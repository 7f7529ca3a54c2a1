import { type Database, hashSecret } from '@aipassport/store';
import { holdGrant, lockArtifact, markRedeemed } from '@aipassport/store/authorization';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../../context.js';
import { inTransaction } from '../in-transaction.js';
import { nameGrant } from './name-grant.js';
import { nameProtocolScopes } from './name-protocol-scopes.js';
import { redeemCode } from './redeem-code.js';
import type { GrantHandler } from './redemption.js';
import { refreshTokens } from './refresh-tokens.js';

/** Answers a token request with the handler of its grant type. */
export type Exchange = (ctx: KoaContextWithOIDC, handle: GrantHandler) => Promise<void>;

/**
 * Exchanges a code or a refresh token in one transaction. An error rolls it back, so the code or the refresh token is
 * still valid afterwards.
 *
 * 1. The row of the code or refresh token is locked. A second request with the same one waits, and then sees all
 *    results of the first.
 * 2. oidc-provider validates the request, marks the row as consumed, and issues tokens.
 * 3. The grant's row is locked while the grant is still active. A revocation that comes now waits for the end of the
 *    transaction, and then sees the new rows.
 *
 * A reuse that ends the grant is an error too. The grant is revoked after the transaction has been rolled back.
 */
export function createExchange(db: Database): Exchange {
  return async (ctx, handle) =>
    inTransaction(db, ctx.state as RequestState, async (transaction) => exchange(ctx, transaction, handle));
}

async function exchange(ctx: KoaContextWithOIDC, transaction: Database, handle: GrantHandler): Promise<void> {
  const isRefresh = ctx.oidc.params?.['grant_type'] === 'refresh_token';
  const secret = ctx.oidc.params?.[isRefresh ? 'refresh_token' : 'code'];
  // oidc-provider answers that the parameter is missing.
  if (typeof secret !== 'string') return handle();
  const key = { model: isRefresh ? 'RefreshToken' : 'AuthorizationCode', idHash: hashSecret(secret) };
  const found = await lockArtifact(transaction, key);
  const redemption = { ctx, transaction, key, secret, handle };
  await (isRefresh ? refreshTokens(redemption) : redeemCode(redemption, found));
  if (found?.grantId === undefined || !(await holdGrant(transaction, found.grantId)))
    throw new errors.InvalidGrant({ detail: 'the grant ended meanwhile' });
  // The grant must be locked first: deleting a client locks in this order too, and the opposite order would deadlock.
  if (!isRefresh) await markRedeemed(transaction, found.grantId);
  nameProtocolScopes(ctx);
  nameGrant(ctx, found.grantId);
}
