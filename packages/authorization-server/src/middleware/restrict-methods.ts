import type { Middleware } from '../context.js';
import { endpoints } from '../endpoints.js';
import { listMethods, refuseMethod } from './serve-known-paths.js';

const served: ReadonlySet<string> = new Set([...endpoints.flatMap(({ methods }) => methods), 'HEAD', 'OPTIONS']);

/** Refuses methods that no endpoint serves, such as TRACE, at every path. Node.js itself accepts every method. */
export const restrictMethods: Middleware = async (ctx, next) => {
  if (served.has(ctx.method)) return next();
  const { endpoint } = ctx.state;
  throw refuseMethod(ctx, endpoint === undefined ? [...served] : listMethods(endpoint));
};
