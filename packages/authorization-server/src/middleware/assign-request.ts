import { randomUUID } from 'node:crypto';
import type Koa from 'koa';
import type { Logger } from 'pino';
import { describePath } from './describe-path.js';

/** Gives every request an identifier and one log line. First of all, so that nothing is answered without. */
export function assignRequest(log: Logger): Koa.Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    ctx.state = { requestId, log: log.child({ request_id: requestId }), query: [], formActions: [] };
    ctx.set('X-Request-Id', requestId);
    try {
      await next();
    } finally {
      const milliseconds = Math.round(performance.now() - startedAt);
      const line = {
        event: 'request',
        method: ctx.method,
        path: describePath(ctx.path),
        status: ctx.status,
        milliseconds,
      };
      ctx.state.log[ctx.status >= 500 ? 'warn' : 'info'](line);
    }
  };
}
