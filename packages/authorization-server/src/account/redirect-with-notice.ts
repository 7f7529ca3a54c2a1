import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { type ActNotice, keepNotice } from './notices.js';
import { seeOther } from './sign-in.js';

/** Redirects after an act, to a page that says once what was done. */
export function redirectWithNotice(deps: Pick<Dependencies, 'configuration'>, ctx: Context, done: ActNotice): void {
  keepNotice(deps, ctx, done);
  seeOther(ctx, done.path);
}
