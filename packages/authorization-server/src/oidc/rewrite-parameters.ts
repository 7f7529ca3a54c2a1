import type { Context } from '../context.js';
import type { Parameter } from '../text/parse-parameters.js';
import { replayBody } from './engine/replay-body.js';

/** @returns the same list when there is nothing to change */
type Rewrite = (parameters: readonly Parameter[]) => readonly Parameter[];

/** Changes the parameters of a request, in its query and in its form, for the code that reads them next. */
export function rewriteParameters(ctx: Context, rewrite: Rewrite): void {
  const query = rewrite(ctx.state.query);
  if (query !== ctx.state.query) {
    ctx.state.query = query;
    ctx.querystring = encodeParameters(query);
  }
  if (ctx.state.form === undefined) return;
  const form = rewrite(ctx.state.form);
  if (form === ctx.state.form) return;
  ctx.state.form = form;
  replayBody(ctx.req, encodeParameters(form));
}

export function encodeParameters(parameters: readonly Parameter[]): string {
  return new URLSearchParams(parameters.map(({ name, value }) => [name, value.toString()])).toString();
}
