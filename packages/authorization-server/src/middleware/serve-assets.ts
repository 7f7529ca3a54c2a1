import type { Middleware } from '../context.js';
import type { Foundation } from '../foundation.js';

/**
 * Serves the files that pages load. The address of a file changes with its content, so browsers may keep the file for
 * ever.
 */
export function serveAssets({ stylesheet, scripts }: Pick<Foundation, 'stylesheet' | 'scripts'>): Middleware {
  const assets = new Map([stylesheet, ...Object.values(scripts)].map((asset) => [asset.path, asset.text]));
  return async (ctx, next) => {
    const text = assets.get(ctx.path);
    if (text === undefined) return next();
    ctx.type = ctx.path.endsWith('.js') ? 'text/javascript' : 'css';
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.body = text;
  };
}
