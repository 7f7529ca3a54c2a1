import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from 'koa';

/**
 * Restricts what a page of this app may load and where its forms may lead. A page runs no script without `allowScript`.
 * `form-action` names the authorization server because some browsers apply it also to redirects after a form's POST,
 * and "Connect your AI" redirects there.
 */
export function setSecurityHeaders(issuer: string): Middleware {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:", // the style sheet's own icons
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

const nonceBytes = 16;

/**
 * Lets the page of this answer run a script that may call this app.
 * @returns the nonce of the script's element, which is new for each answer
 */
export function allowScript(ctx: Context): string {
  const nonce = randomBytes(nonceBytes).toString('base64url');
  const policy = ctx.response.get('Content-Security-Policy');
  ctx.set('Content-Security-Policy', `${policy}; script-src 'nonce-${nonce}'; connect-src 'self'`);
  return nonce;
}
