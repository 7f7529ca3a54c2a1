import type { Middleware } from '../context.js';
import { isKnownPath } from './describe-path.js';

/**
 * Lets nothing through but the paths that are ours, letter by letter; the rest is not found. Routers are laxer: both
 * of them take `/Authorize` and `/register/` for `/authorize` and `/register`, and what we check before oidc-provider
 * (whose session it is, how many register) is compared with the path as it is written.
 */
export const serveKnownPaths: Middleware = async (ctx, next) => {
  if (isKnownPath(ctx.path)) await next();
};
