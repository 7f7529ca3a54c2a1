import type { KoaContextWithOIDC } from 'oidc-provider';

type Entities = KoaContextWithOIDC['oidc']['entities'];

/**
 * The code, the device code or the refresh token that a token request redeems. If the request has rotated the refresh
 * token, the new refresh token is returned instead. It has the same scope.
 *
 * Assumption: while tokens are issued, ctx.oidc.entities has the grant and the code or refresh token.
 * Assumption: while tokens are issued for a device code, it is in ctx.oidc.entities.
 */
export function findRedeemed({
  entities,
}: KoaContextWithOIDC['oidc']): Entities['RefreshToken' | 'AuthorizationCode' | 'DeviceCode'] {
  return entities.RefreshToken ?? entities.AuthorizationCode ?? entities.DeviceCode;
}
