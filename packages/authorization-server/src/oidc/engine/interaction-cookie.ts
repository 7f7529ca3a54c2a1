import type { Context } from '../../context.js';

/**
 * The `uid` in the interaction cookie that the browser sent with this request. The cookie stays in the browser after
 * the interaction has ended.
 * @param name the name of the cookie
 *
 * Assumption: the cookie of an interaction is signed, and its value is the uid under which the interaction is stored.
 */
export function readInteractionCookie(ctx: Context, name: string): string | undefined {
  return ctx.cookies.get(name, { signed: true });
}
