import type { Middleware } from '../context.js';
import type { Foundation } from '../foundation.js';

/**
 * Serves the one file that pages load. Its address changes with its content, so browsers may keep the file for ever.
 */
export function serveStylesheet({ stylesheet }: Pick<Foundation, 'stylesheet'>): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== stylesheet.path) return next();
    ctx.type = 'css';
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.body = stylesheet.text;
  };
}
