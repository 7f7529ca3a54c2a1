import { pingDatabase } from '@aipassport/store';
import type { Middleware } from '../context.js';
import type { Foundation } from '../dependencies.js';

/** `GET /health`: 200 when the database answers; otherwise what is thrown here is answered with 503. */
export function serveHealth({ db }: Pick<Foundation, 'db'>): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/health' || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    await pingDatabase(db);
    ctx.body = { status: 'ok' };
  };
}
