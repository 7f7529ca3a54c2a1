import type { Middleware } from '../context.js';
import { endpoints } from '../endpoints.js';
import { Refusal } from '../refusal.js';

const served: ReadonlySet<string> = new Set([...endpoints.flatMap(({ methods }) => methods), 'HEAD', 'OPTIONS']);

/** Refuses the methods that no endpoint serves, such as TRACE: Node.js passes every method on. */
export const restrictMethods: Middleware = async (ctx, next) => {
  if (served.has(ctx.method)) return next();
  ctx.set('Allow', [...served].join(', '));
  throw new Refusal({ status: 405, reason: 'method_not_allowed', message: 'This method is not served.' });
};
