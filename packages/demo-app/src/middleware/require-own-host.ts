import type { Middleware } from 'koa';

/**
 * Serves this app under one host name only. Another name for the same socket (localhost for 127.0.0.1) has other
 * cookies. A name that an attacker chose is DNS rebinding.
 */
export function requireOwnHost(demoAppUrl: string): Middleware {
  const { host } = new URL(demoAppUrl);
  return async (ctx, next) => {
    if (ctx.host === host || ctx.path === '/health') return next();
    if (ctx.method === 'GET') ctx.redirect(`${demoAppUrl}/`);
    else ctx.throw(421, 'This app is served at another address.');
  };
}
