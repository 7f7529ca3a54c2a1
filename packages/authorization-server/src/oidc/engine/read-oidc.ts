import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '../../context.js';

/**
 * The data that oidc-provider has about a request after answering it. Middleware calls this after `next`.
 *
 * Assumption: after an answer, ctx.oidc still has the session and the entities that led to it.
 */
export function readOidc(ctx: Context): KoaContextWithOIDC['oidc'] {
  return (ctx as unknown as KoaContextWithOIDC).oidc;
}
