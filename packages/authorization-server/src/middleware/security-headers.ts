import type Koa from 'koa';
import helmet from 'koa-helmet';
import type { Middleware } from '../context.js';

const yearSeconds = 31_536_000;

/** Helmet's headers, on every answer: pages, errors, JSON, and what oidc-provider itself renders. */
export function setSecurityHeaders({ issuer }: { readonly issuer: string }): Koa.Middleware {
  return helmet({
    // Ours differs from page to page: see `setContentSecurityPolicy`.
    contentSecurityPolicy: false,
    // Over plain http browsers ignore it, and a laptop's `localhost` is shared by many programs.
    strictTransportSecurity: issuer.startsWith('https:') ? { maxAge: yearSeconds, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: false,
    xFrameOptions: { action: 'deny' },
  });
}

/**
 * Pages load our stylesheet and nothing else, run no scripts, cannot be framed, and send forms to this server. If a
 * form ends in a redirect to the client, its page names the client too: Chromium applies `form-action` to the whole chain of redirects.
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
    // Pages are personal, and answers of the OAuth endpoints hold tokens. An answer that may be cached sets its own header.
    if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-store');
  }
};
