import { randomUUID } from 'node:crypto';
import type Koa from 'koa';
import { findEndpoint } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { classOf } from '../metrics/authorization-metrics.js';
import { textsFor } from '../texts/choose-texts.js';

const unknownEndpoint = { path: 'unknown', answers: 'unknown' } as const;

/**
 * Gives every request an identifier, its endpoint and one log line, and counts it. It is the first middleware, so that
 * every answer has an identifier and a log line.
 */
export function assignRequest({ log, metrics }: Pick<Foundation, 'log' | 'metrics'>): Koa.Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    const endpoint = findEndpoint(ctx.path);
    ctx.state = {
      requestId,
      log: log.child({ request_id: requestId }),
      texts: textsFor(ctx.get('Accept-Language'), ctx.query['ui_locales']),
      endpoint,
      query: [],
      formActions: [],
    };
    ctx.set('X-Request-Id', requestId);
    try {
      await next();
    } finally {
      const elapsedMilliseconds = performance.now() - startedAt;
      const { path, answers } = endpoint ?? unknownEndpoint;
      metrics.requests.inc({ endpoint: path, status: classOf(ctx.status) });
      metrics.requestDuration.observe({ answers }, elapsedMilliseconds / 1_000);
      const line = {
        event: 'request',
        method: ctx.method,
        // The log contains the template of a known path, such as `/grants/:grant_id`, and no part of an unknown path. A
        // path may contain a secret, such as an interaction's identifier or a token that was put in the wrong place.
        path: endpoint?.path ?? '(unknown)',
        status: ctx.status,
        milliseconds: Math.round(elapsedMilliseconds),
      };
      ctx.state.log[ctx.status >= 500 ? 'warn' : 'info'](line);
    }
  };
}
