import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';

/** A revocation has nothing to tell (RFC 7009 section 2.2), but some libraries read its answer as JSON all the same. */
export const answerRevocations: Middleware = async (ctx, next) => {
  await next();
  if (ctx.path === paths.revocation && ctx.method === 'POST' && ctx.status === 200) ctx.body = {};
};
