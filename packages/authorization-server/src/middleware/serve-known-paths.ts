import type { Middleware } from '../context.js';
import type { Endpoint } from '../endpoints.js';

/**
 * Serves the paths and methods of `endpoints.ts`. Everything else is not found. Paths are compared letter by letter: the
 * routers of koa and oidc-provider also take `/Authorize` and `/register/`, but our checks before them compare the path
 * as it is written.
 */
export const serveKnownPaths: Middleware = async (ctx, next) => {
  const { endpoint } = ctx.state;
  if (endpoint !== undefined && isServed(endpoint, ctx.method)) await next();
};

function isServed({ methods }: Endpoint, method: string): boolean {
  return method === 'OPTIONS' || methods.some((served) => served === (method === 'HEAD' ? 'GET' : method));
}
