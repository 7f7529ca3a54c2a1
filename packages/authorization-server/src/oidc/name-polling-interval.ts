import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import { changeAnswer } from './engine/change-answer.js';
import { pollingIntervalSeconds } from './lifetimes.js';

/** Adds `interval` to the device authorization response (RFC 8628 section 3.2). oidc-provider leaves it out. */
export const namePollingInterval: Middleware = async (ctx, next) => {
  await next();
  if (ctx.path !== paths.deviceAuthorization || ctx.status !== 200) return;
  changeAnswer(ctx, (answer) => ({ ...answer, interval: pollingIntervalSeconds }));
};
