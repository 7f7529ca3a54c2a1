import type { Context } from '../context.js';
import type { FixedId } from '../texts/texts.js';

/** The texts that a page shows after an action, by the value of a parameter of its URL. */
export type Notices = Readonly<Record<string, FixedId>>;

/**
 * Finds the notice that the URL names. `hasOwn`, because people can write anything in a URL, and every object
 * also has members such as `constructor`.
 */
export function readNotice(ctx: Context, notices: Notices, parameter = 'done'): FixedId | undefined {
  const value = ctx.query[parameter];
  return typeof value === 'string' && Object.hasOwn(notices, value) ? notices[value] : undefined;
}
