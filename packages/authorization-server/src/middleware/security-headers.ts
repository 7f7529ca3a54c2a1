import type Koa from 'koa';
import helmet from 'koa-helmet';
import type { Middleware } from '../context.js';

const yearSeconds = 31_536_000;

/** Sets Helmet's headers on every answer: pages, errors, JSON, and the answers of oidc-provider itself. */
export function setSecurityHeaders({ issuer }: { readonly issuer: string }): Koa.Middleware {
  return helmet({
    // Our own Content-Security-Policy differs from page to page: see `setContentSecurityPolicy`.
    contentSecurityPolicy: false,
    // With plain http, this header is not sent. Browsers would ignore it, and it would be wrong for `localhost`, which
    // other programs on the same computer share.
    strictTransportSecurity: issuer.startsWith('https:') ? { maxAge: yearSeconds, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: false,
    xFrameOptions: { action: 'deny' },
  });
}

/**
 * Pages load our stylesheet and nothing else, run no scripts, cannot be framed, and send forms to this server. If a
 * form ends in a redirect to the client, the page's policy allows the client too, because Chromium applies
 * `form-action` to the whole chain of redirects.
 */
export const setContentSecurityPolicy: Middleware = async (ctx, next) => {
  try {
    await next();
  } finally {
    const formActions = ["'self'", ...ctx.state.formActions].join(' ');
    ctx.set(
      'Content-Security-Policy',
      `default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action ${formActions}`,
    );
    // Pages are personal, and answers of the OAuth endpoints contain tokens. An answer that may be cached sets its own
    // header.
    if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-store');
  }
};
