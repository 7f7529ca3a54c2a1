import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';

/**
 * Adds a JSON body to the answer of a revocation. The answer needs none (RFC 7009 section 2.2), but some libraries
 * parse it as JSON.
 */
export const answerRevocations: Middleware = async (ctx, next) => {
  await next();
  if (ctx.path === paths.revocation && ctx.method === 'POST' && ctx.status === 200) ctx.body = {};
};
