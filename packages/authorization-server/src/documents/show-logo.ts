import { findPicture } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';

/**
 * `GET /assets/logos/:hash`: a logo that this server has fetched. The URL changes with the content, so browsers may
 * keep the picture for ever.
 */
export async function showLogo({ db }: Dependencies, ctx: Context, hash: string): Promise<void> {
  const picture = await findPicture(db, hash);
  if (picture === undefined) return;
  ctx.type = picture.mediaType;
  ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
  ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
  ctx.body = picture.bytes;
}
