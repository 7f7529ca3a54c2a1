import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Adds `grant_id` to a token response (Grant Management for OAuth 2.0). Every response for a grant has this member,
 * even if the client did not send a `grant_management_action`. A client needs it to ask for more when a limit is used
 * up.
 */
export function nameGrant(ctx: KoaContextWithOIDC, grantId: string): void {
  ctx.body = { ...(ctx.body as object), grant_id: grantId };
}
