import type Koa from 'koa';
import helmet from 'koa-helmet';
import type { Middleware } from '../context.js';

const yearSeconds = 31_536_000;

/** What helmet knows, on every answer: pages, errors, JSON, and what oidc-provider itself renders. */
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
 * Nothing is loaded but our stylesheet, nothing runs, nobody frames us, and forms lead here. A page whose form ends
 * in a redirect to the client names that place too: Chromium applies `form-action` to the whole chain of redirects.
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
    // Pages are one person's, and answers of the OAuth endpoints hold tokens. What may be kept says so itself.
    if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-store');
  }
};
