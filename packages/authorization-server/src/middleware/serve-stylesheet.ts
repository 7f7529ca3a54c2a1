import type { Middleware } from '../context.js';
import type { Foundation } from '../foundation.js';

/** The one file of the pages. Its address names its content, so it may be kept for ever. */
export function serveStylesheet({ stylesheet }: Pick<Foundation, 'stylesheet'>): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== stylesheet.path) return next();
    ctx.type = 'css';
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.body = stylesheet.text;
  };
}
