import type { Middleware } from '../context.js';
import { Refusal } from '../refusal.js';

const served: readonly string[] = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/** Node.js answers TRACE and whatever else comes; nothing here is served by another method than these. */
export const restrictMethods: Middleware = async (ctx, next) => {
  if (served.includes(ctx.method)) return next();
  ctx.set('Allow', served.join(', '));
  throw new Refusal({ status: 405, reason: 'method_not_allowed', message: 'This method is not served.' });
};
