import type { Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';
import { endpoints } from '../endpoints.js';

const served: ReadonlySet<string> = new Set([...endpoints.flatMap(({ methods }) => methods), 'HEAD', 'OPTIONS']);

/** Refuses methods that no endpoint serves, such as TRACE. Node.js itself accepts every method. */
export const restrictMethods: Middleware = async (ctx, next) => {
  if (served.has(ctx.method)) return next();
  ctx.set('Allow', [...served].join(', '));
  throw new Denied({ reason: 'method_not_served' });
};
