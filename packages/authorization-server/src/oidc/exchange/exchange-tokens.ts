import { type Database, hashSecret } from '@aipassport/store';
import { type Artifact, holdClient, holdGrant, lockArtifact, markRedeemed } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { oauthError } from '../describe-oauth-denial.js';
import { inTransaction } from '../in-transaction.js';
import { deviceGrantType, exchangeGrantType } from '../offered.js';
import type { Delegate } from './delegate.js';
import { requireFewClientTokens } from './limit-tokens.js';
import { nameGrant } from './name-grant.js';
import { nameProtocolScopes } from './name-protocol-scopes.js';
import { recordAdminToken } from './record-admin-token.js';
import { redeemCode } from './redeem-code.js';
import { redeemDeviceCode, requireDecision } from './redeem-device-code.js';
import type { GrantHandler, Redemption } from './redemption.js';
import { refreshTokens } from './refresh-tokens.js';

/** Answers a token request with the handler of its grant type. */
export type Exchange = (ctx: KoaContextWithOIDC, handle: GrantHandler) => Promise<void>;

/**
 * Exchanges a code, a device code or a refresh token in one transaction. An error rolls the transaction back, so the
 * code or the refresh token is still valid afterwards. If the owner has not yet decided about a device code, the
 * request is answered before the transaction.
 *
 * 1. The row of the code or refresh token is locked. A second request with the same code or token waits, and then sees
 *    all results of the first.
 * 2. oidc-provider validates the request, marks the row as consumed, and issues tokens.
 * 3. The grant's row is locked, if the grant is still active; otherwise the exchange fails. A revocation that begins
 *    after this waits for the end of the transaction, and then sees the new rows.
 *
 * A token exchange is answered in a transaction too: see `delegate.ts`.
 *
 * If a code, a device code or a refresh token is used again, the grant may have to end. Reuse is an error, so the
 * transaction is rolled back first. Then the grant is revoked.
 */
export function createExchange(db: Database, delegate: Delegate): Exchange {
  return async (ctx, handle) => {
    const source = sources[String(ctx.oidc.params?.['grant_type'])];
    const secret = source && ctx.oidc.params?.[source.parameter];
    if (source?.model === 'DeviceCode' && typeof secret === 'string') await requireDecision(db, ctx, secret);
    await inTransaction(db, ctx, async (transaction) => {
      if (ctx.oidc.params?.['grant_type'] === exchangeGrantType) return delegate({ ctx, transaction, handle });
      // `client_credentials` redeems nothing, so only the client is locked. oidc-provider refuses a request of any
      // other grant type without the code or token that it redeems.
      if (source === undefined || typeof secret !== 'string') {
        await requireFewClientTokens({ ctx, transaction });
        // the client was read before the transaction, and may have been blocked since then
        if (!(await holdClient(transaction, ctx.oidc.client?.clientId ?? '')))
          throw oauthError({ reason: 'client_blocked' });
        await handle();
        return recordAdminToken(transaction, ctx);
      }
      return exchange({ ctx, transaction, key: { model: source.model, idHash: hashSecret(secret) }, secret, handle });
    });
  };
}

type Model = 'AuthorizationCode' | 'DeviceCode' | 'RefreshToken';

/** For each grant type, the model of the exchanged artifact and the parameter that contains it. */
const sources: Readonly<Record<string, { readonly model: Model; readonly parameter: string } | undefined>> = {
  authorization_code: { model: 'AuthorizationCode', parameter: 'code' },
  refresh_token: { model: 'RefreshToken', parameter: 'refresh_token' },
  [deviceGrantType]: { model: 'DeviceCode', parameter: 'device_code' },
};

async function exchange(redemption: Redemption & { readonly key: { readonly model: Model } }): Promise<void> {
  const { ctx, transaction, key } = redemption;
  const found = await lockArtifact(transaction, key);
  await redeem(redemption, found);
  if (found?.grantId === undefined || !(await holdGrant(transaction, found.grantId)))
    throw oauthError({ reason: 'grant_ended' });
  // `holdGrant` must lock the grant before this statement. Deleting a client locks in the same order; with the opposite
  // order here, the two could deadlock.
  if (key.model !== 'RefreshToken') await markRedeemed(transaction, found.grantId);
  nameProtocolScopes(ctx);
  nameGrant(ctx, found.grantId);
}

async function redeem(
  redemption: Redemption & { readonly key: { readonly model: Model } },
  found: Artifact | undefined,
): Promise<void> {
  switch (redemption.key.model) {
    case 'AuthorizationCode':
      return redeemCode(redemption, found);
    case 'DeviceCode':
      return redeemDeviceCode(redemption, found);
    case 'RefreshToken':
      return refreshTokens(redemption);
  }
}
