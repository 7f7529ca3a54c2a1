import { isError } from '@aipassport/contracts';
import { isDatabaseUnavailable } from '@aipassport/store';
import type { Context, Middleware } from '../context.js';
import { type Denial, Denied } from '../denials/denial.js';
import { describeDenial } from '../denials/describe-denial.js';
import { describeForReader } from '../denials/error-words.js';
import { requestSourceOf } from '../for-request.js';
import type { Foundation } from '../foundation.js';
import { renderErrorPage } from '../pages/error-page.js';

/**
 * Answers every error that other middleware throws. A denial is answered with its reason, and an outage with the time
 * after which to try again. Any other error is a bug: the whole error is logged, and the answer reveals nothing about
 * it.
 */
export function answerErrors({
  stylesheet,
  readiness,
  refusals,
  metrics,
}: Pick<Foundation, 'stylesheet' | 'readiness' | 'refusals' | 'metrics'>): Middleware {
  const refuse = (ctx: Context, denial: Denial) => {
    metrics.refusals.inc({ reason: denial.reason });
    answer(ctx, denial, stylesheet);
  };
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) refuse(ctx, { reason: 'path_unknown' });
    } catch (error) {
      const denial = toDenial(error, ctx);
      // The transaction was rolled back. The cookie of a session that was therefore not stored, or the removal of a
      // cookie, would sign the browser out.
      if (!(error instanceof Denied)) ctx.remove('Set-Cookie');
      if (denial.reason === 'too_many_attempts' && denial.signIn !== undefined)
        refusals.count({ event: 'sign_in_limited', ...denial.signIn, ...requestSourceOf(ctx) });
      refuse(ctx, denial);
    }
    // The status is checked here, because oidc-provider answers some errors with 503 itself and throws nothing.
    if (ctx.status !== 503) return;
    ctx.set('Retry-After', String(describeDenial({ reason: 'database_unavailable' }).retryAfterSeconds));
    readiness.discardResult();
  };
}

function toDenial(error: unknown, ctx: Context): Denial {
  if (error instanceof Denied) {
    const { reason } = error.denial;
    ctx.state.log.info({ event: 'request_refused', reason, description: describeDenial(error.denial).message });
    return error.denial;
  }
  if (isUnavailable(error)) {
    ctx.state.log.error({ event: 'database_unavailable', err: error });
    return { reason: 'database_unavailable' };
  }
  ctx.state.log.error({ event: 'unexpected_error', err: error });
  return { reason: 'unexpected_error' };
}

/**
 * Whether the error, or its cause, says that the database is unavailable. Code that oidc-provider calls throws
 * `Unavailable`, which has the database's error as its cause.
 */
function isUnavailable(error: unknown): boolean {
  return isDatabaseUnavailable(error) || (isError(error) && isDatabaseUnavailable(error.cause));
}

function answer(ctx: Context, denial: Denial, stylesheet: Foundation['stylesheet']): void {
  const { status, code, message, retryAfterSeconds, challenge, details } = describeDenial(denial);
  ctx.status = status;
  if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
  if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds));
  if (ctx.accepts('json', 'html') === 'html') {
    ctx.type = 'html';
    const { texts } = ctx.state;
    ctx.body = renderErrorPage({ stylesheet, texts, words: describeForReader(denial), code, detail: message });
  } else ctx.body = { error: code, error_description: message, ...details };
}
