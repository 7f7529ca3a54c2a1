import type { Middleware } from '../context.js';
import { endpoints } from '../endpoints.js';
import { refuseMethod } from './serve-known-paths.js';

const served: ReadonlySet<string> = new Set([...endpoints.flatMap(({ methods }) => methods), 'HEAD', 'OPTIONS']);

/** Refuses methods that no endpoint serves, such as TRACE. Node.js itself accepts every method. */
export const restrictMethods: Middleware = async (ctx, next) => {
  if (served.has(ctx.method)) return next();
  throw refuseMethod(ctx, [...served]);
};
