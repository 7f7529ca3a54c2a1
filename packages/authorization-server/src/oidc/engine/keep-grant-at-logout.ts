import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Keeps the grant of the request's client alive when the owner signs out. Without this function, oidc-provider marks a
 * grant as kept only when it issues a code.
 *
 * Assumption: logging out revokes the grants of a session except those of clients with persistsLogout.
 */
export function keepGrantAtLogout({ session, client }: KoaContextWithOIDC['oidc']): void {
  if (session === undefined || client === undefined) return;
  session.ensureClientContainer(client.clientId);
  session.authorizationFor(client.clientId).persistsLogout = true;
}
