import { countAttempt } from '@aipassport/store/authorization';
import { networkOf, tooMany } from '../account/guessing-limits.js';
import { findOwner } from '../account/owner-session.js';
import type { Context, Middleware } from '../context.js';
import type { Foundation } from '../dependencies.js';
import type { Parameter } from '../text/parse-parameters.js';
import { storingPaths } from './bound-requests.js';
import { paths } from './paths.js';

const windowSeconds = 10 * 60;
/**
 * Requests of people who are not signed in, from one IPv4 address or one /64 of IPv6. An office or a mobile network behind
 * one address may begin 1,800 an hour; each takes 9 kB at most, for less than 30 minutes, so one address keeps 8 MB at most.
 */
const perNetwork = 300;
/** Requests that a client pushes with its secret: a backend of many people, whose every request lives for a minute. */
const perPushingNetwork = 6_000;

/**
 * Keeps strangers from filling the database: requests that are stored before a sign-in are counted for each network, over
 * all replicas. Requests of people who are signed in are not counted.
 */
export function limitAnonymousRequests(foundation: Pick<Foundation, 'configuration' | 'db'>): Middleware {
  return async (ctx, next) => {
    if (storingPaths.includes(ctx.path) && !(await isSignedIn(foundation, ctx))) {
      const key = isAuthenticating(ctx) ? 'push' : 'authorize';
      const limit = isAuthenticating(ctx) ? perPushingNetwork : perNetwork;
      const verdict = await countAttempt(foundation.db, { key: `${key}:${networkOf(ctx.ip)}`, limit, windowSeconds });
      if (!verdict.allowed) throw tooMany(verdict.retryAfterSeconds);
    }
    await next();
  };
}

/** At the authorization endpoint `align-session.ts` has looked already. */
async function isSignedIn(foundation: Pick<Foundation, 'configuration' | 'db'>, ctx: Context): Promise<boolean> {
  if (ctx.path === paths.authorization) return ctx.state.ownerAccountId !== undefined;
  return ctx.path === paths.endSession && (await findOwner(foundation, ctx)) !== undefined;
}

/**
 * Whether a client gives a secret. A wrong one stores nothing, and is counted where it is compared; one that is empty is
 * none, and lets a client without a secret pass.
 */
function isAuthenticating(ctx: Context): boolean {
  if (ctx.path !== paths.pushedAuthorizationRequest) return false;
  const gives = ({ name, value }: Parameter) => name === 'client_secret' && value.length > 0;
  return ctx.get('Authorization') !== '' || (ctx.state.form ?? []).some(gives);
}
