import { randomUUID } from 'node:crypto';
import { describeSender } from '@aipassport/contracts';
import type Koa from 'koa';
import { findEndpoint } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { textsFor } from '../texts/choose-texts.js';
import { recordRequest } from './record-request.js';

/**
 * Gives every request an identifier, its endpoint and one log line, and counts it. It is the first middleware, so that
 * every answer has an identifier and a log line.
 */
export function assignRequest(deps: Pick<Foundation, 'log' | 'metrics' | 'tracing' | 'configuration'>): Koa.Middleware {
  const { trustedProxyHops } = deps.configuration;
  return async (ctx, next) => {
    const startedAt = performance.now();
    const span = deps.tracing.beginRequest(ctx.headers);
    const { ipAddress, requestId = randomUUID(), traceId = span.traceId } = describeSender(ctx.req, trustedProxyHops);
    const endpoint = findEndpoint(ctx.path);
    ctx.state = {
      requestId,
      log: deps.log.child({ request_id: requestId }),
      texts: textsFor(ctx.get('Accept-Language'), ctx.query['ui_locales']),
      endpoint,
      query: [],
      formActions: [],
    };
    ctx.set('X-Request-Id', requestId);
    try {
      await span.run(next);
    } finally {
      recordRequest(deps, ctx, { startedAt, ipAddress, traceId, span, endpoint });
    }
  };
}
