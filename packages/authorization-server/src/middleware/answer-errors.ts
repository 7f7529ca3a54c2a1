import { isError } from '@aipassport/contracts';
import { isDatabaseUnavailable } from '@aipassport/store';
import type { Context, Middleware } from '../context.js';
import type { Foundation } from '../foundation.js';
import { renderErrorPage } from '../pages/error-page.js';
import { Refusal } from '../refusal.js';

/** How soon to try again when the database is away: it restarts in seconds. */
const retryAfterSeconds = 5;

/**
 * The one place that answers what was thrown. What was refused says why; an outage says when to come back; anything
 * else is a bug, logged whole and answered as nothing.
 */
export function answerErrors({ stylesheet, readiness }: Pick<Foundation, 'stylesheet' | 'readiness'>): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) answer(ctx, notFound(), stylesheet);
    } catch (error) {
      answer(ctx, toRefusal(error, ctx), stylesheet);
    }
    // Also for what oidc-provider answered by itself.
    if (ctx.status !== 503) return;
    ctx.set('Retry-After', String(retryAfterSeconds));
    readiness.doubt();
  };
}

function toRefusal(error: unknown, ctx: Context): Refusal {
  if (error instanceof Refusal) {
    ctx.state.log.info({ event: 'request_refused', reason: error.reason, description: error.message });
    return error;
  }
  if (isUnavailable(error)) {
    ctx.state.log.error({ event: 'database_unavailable', err: error });
    const message = 'The server cannot reach its database at the moment. Try again in a few seconds.';
    return new Refusal({ status: 503, reason: 'temporarily_unavailable', message });
  }
  ctx.state.log.error({ event: 'unexpected_error', err: error });
  return new Refusal({
    status: 500,
    reason: 'temporarily_unavailable',
    message: 'Something went wrong on this server.',
  });
}

/** Ours, or already wrapped for oidc-provider. */
function isUnavailable(error: unknown): boolean {
  return isDatabaseUnavailable(error) || (isError(error) && isDatabaseUnavailable(error.cause));
}

function notFound(): Refusal {
  return new Refusal({ status: 404, reason: 'not_found', message: 'There is nothing at this address.' });
}

function answer(ctx: Context, refusal: Refusal, stylesheet: Foundation['stylesheet']): void {
  ctx.status = refusal.status;
  if (refusal.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(refusal.retryAfterSeconds));
  if (ctx.accepts('json', 'html') === 'html') {
    ctx.type = 'html';
    const { status, message, reason } = refusal;
    ctx.body = renderErrorPage({
      stylesheet,
      status,
      title: titleOf(status),
      message,
      code: reason,
      detail: undefined,
    });
    return;
  }
  ctx.body = { error: refusal.status === 500 ? 'server_error' : refusal.reason, error_description: refusal.message };
}

function titleOf(status: number): string {
  if (status === 404) return 'Not found';
  if (status === 429) return 'Too many attempts';
  if (status >= 500) return 'This does not work at the moment';
  return 'This request cannot be answered';
}
