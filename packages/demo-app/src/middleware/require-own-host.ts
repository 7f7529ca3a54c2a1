import type { Middleware } from 'koa';

/**
 * Serves this app under one host name only. Under another name for the same socket (localhost for 127.0.0.1), browsers
 * send other cookies. A request for a host name that an attacker chose may be a DNS rebinding attack.
 */
export function requireOwnHost(demoAppUrl: string): Middleware {
  const { host } = new URL(demoAppUrl);
  return async (ctx, next) => {
    if (ctx.host === host || ctx.path === '/health') return next();
    if (ctx.method === 'GET') ctx.redirect(`${demoAppUrl}/`);
    else ctx.throw(421, 'This app is served at another address.');
  };
}
