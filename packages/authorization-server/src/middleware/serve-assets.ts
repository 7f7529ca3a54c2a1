import { gzipSync } from 'node:zlib';
import type { Middleware } from '../context.js';
import type { Foundation } from '../foundation.js';

/**
 * Serves the files that pages load. The URL of a file changes with its content, so browsers may keep the file for
 * ever. These files are compressed. The pages themselves are not compressed, because the length of a compressed page
 * tells an observer about its form tokens (the BREACH attack).
 */
export function serveAssets({ stylesheet, scripts }: Pick<Foundation, 'stylesheet' | 'scripts'>): Middleware {
  const assets = new Map(
    [stylesheet, ...Object.values(scripts)].map(({ path, text }) => [path, { text, compressed: gzipSync(text) }]),
  );
  return async (ctx, next) => {
    const asset = assets.get(ctx.path);
    if (asset === undefined) return next();
    ctx.type = ctx.path.endsWith('.js') ? 'text/javascript' : 'css';
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.vary('Accept-Encoding');
    if (ctx.acceptsEncodings('gzip', 'identity') === 'gzip') {
      ctx.set('Content-Encoding', 'gzip');
      ctx.body = asset.compressed;
    } else ctx.body = asset.text;
  };
}
