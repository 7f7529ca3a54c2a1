import type { Provider } from 'oidc-provider';
import type { Middleware } from '../../context.js';
import { changeAnswer } from './change-answer.js';
import { onRefusal } from './on-refusal.js';

/**
 * Replaces the `error_description` of a refusal, if `describe` has a better one for the check that failed.
 *
 * Assumption: oidc-provider emits the event of a refusal before `next()` returns.
 */
export function replaceDescriptions(
  provider: Provider,
  describe: (detail: string | undefined) => string | undefined,
): Middleware {
  const details = new WeakMap<object, string | undefined>();
  onRefusal(provider, (_endpoint, { req }, { detail }) => void details.set(req, detail));
  return async (ctx, next) => {
    await next();
    const description = describe(details.get(ctx.req));
    if (description !== undefined)
      changeAnswer(ctx, (answer) => ('error' in answer ? { ...answer, error_description: description } : answer));
  };
}
