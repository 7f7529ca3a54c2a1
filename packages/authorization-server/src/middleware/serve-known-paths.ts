import type { Context, Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Endpoint } from '../endpoints.js';

/**
 * Serves the paths and methods of `endpoints.ts`. Other paths are not found, and other methods of a path are refused
 * with 405. Paths are compared character by character. The routers of koa and oidc-provider would also accept
 * `/Authorize` and `/register/`, but our checks before them compare the path exactly as it was sent.
 */
export const serveKnownPaths: Middleware = async (ctx, next) => {
  const { endpoint } = ctx.state;
  if (endpoint === undefined) return;
  const allowed = listMethods(endpoint);
  if (!allowed.includes(ctx.method)) throw refuseMethod(ctx, allowed);
  await next();
};

/** The methods of an endpoint, with those that need no handler of their own. */
export function listMethods({ methods }: Endpoint): readonly string[] {
  return [...methods, ...(methods.some((method) => method === 'GET') ? ['HEAD'] : []), 'OPTIONS'];
}

/** RFC 9110 section 15.5.6: the answer lists the methods that are served. */
export function refuseMethod(ctx: Context, allowed: readonly string[]): Denied {
  ctx.set('Allow', allowed.join(', '));
  return new Denied({ reason: 'method_not_served' });
}
