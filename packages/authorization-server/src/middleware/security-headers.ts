import type Koa from 'koa';
import helmet from 'koa-helmet';
import type { Middleware, RequestState } from '../context.js';

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
 * Pictures come from strangers. If a browser opens a picture as a page, this policy keeps anything in the picture
 * from running or from accessing this origin.
 */
const picturePolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

type PageNeeds = Pick<RequestState, 'formActions' | 'scriptNonce' | 'scriptCalls'>;

function buildPagePolicy({ formActions, scriptNonce, scriptCalls = [] }: PageNeeds): string {
  const called = ["'self'", ...scriptCalls].join(' ');
  const scripts = scriptNonce === undefined ? '' : `script-src 'nonce-${scriptNonce}'; connect-src ${called}; `;
  return `default-src 'none'; ${scripts}style-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action ${["'self'", ...formActions].join(' ')}`;
}

/**
 * Pages load our stylesheet and pictures from this server, cannot be framed, and send forms to this server. Only pages
 * that need a script may run one: its element has the nonce of this answer. Markup that a stranger puts into a page
 * cannot know the nonce, so it cannot run even a file of this server. If a form ends in a redirect to the
 * client, the page's policy allows the client too, because Chromium applies `form-action` to the whole chain of
 * redirects.
 */
export const setContentSecurityPolicy: Middleware = async (ctx, next) => {
  try {
    await next();
  } finally {
    const policy = ctx.state.endpoint?.answers === 'picture' ? picturePolicy : buildPagePolicy(ctx.state);
    ctx.set('Content-Security-Policy', policy);
    // Pages are personal, and answers of the OAuth endpoints contain tokens. An answer that may be cached sets its own
    // header.
    if (!ctx.res.hasHeader('Cache-Control')) ctx.set('Cache-Control', 'no-store');
  }
};
