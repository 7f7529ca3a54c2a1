import type { Middleware } from 'koa';

/**
 * Restricts what a page of this app may load and where its forms may lead. `form-action` names the authorization server
 * because some browsers apply it also to redirects after a form's POST, and "Connect your AI" redirects there.
 */
export function setSecurityHeaders(issuer: string): Middleware {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:", // the style sheet's own icons
    "connect-src 'self'",
    `form-action 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return async (ctx, next) => {
    ctx.set('Content-Security-Policy', policy);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
    // Not `no-referrer`: browsers would then send `Origin: null` with our own forms, which would look like the forms of
    // other sites.
    ctx.set('Referrer-Policy', 'same-origin');
    ctx.set('Cache-Control', 'no-store');
    await next();
  };
}
