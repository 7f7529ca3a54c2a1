import type { Middleware } from 'koa';

/** Refuses a POST that a page of another site sent (CSRF). Browsers send the origin of the page with every POST. */
export function requireOwnOrigin(demoAppUrl: string): Middleware {
  const { origin } = new URL(demoAppUrl);
  return async (ctx, next) => {
    const isSafe = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (!isSafe && ctx.get('Origin') !== origin) ctx.throw(403, 'This did not come from a page of this app.');
    await next();
  };
}
