import type { KoaContextWithOIDC } from 'oidc-provider';

type Request = KoaContextWithOIDC['oidc'];

/**
 * The scope tokens that a request asks for; empty when it has no scope.
 *
 * Assumption: ctx.oidc.requestParamScopes has the scope tokens of a token request, and is empty without a scope.
 */
export function readAskedScopes({ requestParamScopes }: Request): ReadonlySet<string> {
  return requestParamScopes;
}

/**
 * Whether a refresh has replaced the refresh token by a new one.
 *
 * Assumption: after a refresh, ctx.oidc.entities.RotatedRefreshToken is set only if the refresh token was rotated.
 */
export function isRotated({ entities }: Request): boolean {
  return entities.RotatedRefreshToken !== undefined;
}
