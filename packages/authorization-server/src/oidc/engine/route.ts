import type { KoaContextWithOIDC } from 'oidc-provider';

/** oidc-provider's names of the endpoints that our code distinguishes. */
type Route =
  | 'authorization'
  | 'resume'
  | 'pushed_authorization_request'
  | 'device_authorization'
  | 'token'
  | 'registration'
  | 'revocation';

/**
 * Whether the request that oidc-provider answers is at one of these endpoints.
 *
 * Assumption: ctx.oidc.route is the name of the endpoint.
 */
export function isAtEndpoint({ route }: KoaContextWithOIDC['oidc'], ...routes: readonly Route[]): boolean {
  return routes.some((name) => name === route);
}
