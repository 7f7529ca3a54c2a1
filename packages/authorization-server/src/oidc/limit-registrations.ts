import type { Database } from '@aipassport/store';
import { uncountAttempt } from '@aipassport/store/authorization';
import { networkOf, requireFew } from '../account/guessing-limits.js';
import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';

const limit = 100;
const windowSeconds = 3_600;

/**
 * Keeps strangers from filling the database where registration is open. The clients that each network registers are
 * counted, across all replicas. A registration that is refused is not stored, so it does not count.
 */
export function limitRegistrations({ configuration, db }: Pick<Foundation, 'configuration' | 'db'>): Middleware {
  return async (ctx, next) => {
    const isLimited = configuration.clientRegistration.kind === 'open';
    if (!isLimited || ctx.method !== 'POST' || ctx.path !== paths.registration) return next();
    await countRegistration(db, ctx.ip);
    await next();
    if (ctx.status !== 201) await uncountAttempt(db, keyOf(ctx.ip));
  };
}

/**
 * Counts a client that a request from this IP address adds: a client that registers, or one that has a metadata
 * document.
 * @throws Denied when the network of this address has added too many clients
 */
export async function countRegistration(db: Database, ipAddress: string): Promise<void> {
  await requireFew(db, { key: keyOf(ipAddress), limit, windowSeconds });
}

function keyOf(ipAddress: string): string {
  return `register:${networkOf(ipAddress)}`;
}
