import { countAttempt, uncountAttempt } from '@aipassport/store/authorization';
import { networkOf, tooMany } from '../account/guessing-limits.js';
import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';

const limit = 100;
const windowSeconds = 3_600;

/**
 * Keeps strangers from filling the database where registration is open. Clients that one network registers are counted,
 * across all replicas. A registration that is refused leaves no row and does not count.
 */
export function limitRegistrations({ configuration, db }: Pick<Foundation, 'configuration' | 'db'>): Middleware {
  return async (ctx, next) => {
    const isLimited = configuration.clientRegistration.kind === 'open';
    if (!isLimited || ctx.method !== 'POST' || ctx.path !== paths.registration) return next();
    const key = `register:${networkOf(ctx.ip)}`;
    const verdict = await countAttempt(db, { key, limit, windowSeconds });
    if (!verdict.allowed) throw tooMany(verdict.retryAfterSeconds);
    await next();
    if (ctx.status !== 201) await uncountAttempt(db, key);
  };
}
