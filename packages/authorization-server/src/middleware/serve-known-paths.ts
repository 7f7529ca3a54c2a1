import type { Middleware } from '../context.js';
import type { Endpoint } from '../endpoints.js';

/**
 * Serves the paths and methods of `endpoints.ts`. All other paths and methods are not found. Paths are compared
 * character by character. The routers of koa and oidc-provider would also accept `/Authorize` and `/register/`, but our
 * checks before them compare the path exactly as it was sent.
 */
export const serveKnownPaths: Middleware = async (ctx, next) => {
  const { endpoint } = ctx.state;
  if (endpoint !== undefined && isServed(endpoint, ctx.method)) await next();
};

function isServed({ methods }: Endpoint, method: string): boolean {
  return method === 'OPTIONS' || methods.some((served) => served === (method === 'HEAD' ? 'GET' : method));
}
