import { networkOf, requireFew } from '../account/guessing-limits.js';
import { findOwner } from '../account/owner-session.js';
import type { Context, Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import type { Parameter } from '../text/parse-parameters.js';

const windowSeconds = 10 * 60;
/**
 * The limit for requests without a sign-in, for each IPv4 address or IPv6 /64. An office or a mobile network behind one
 * IP address may begin 1,800 requests an hour. Each request takes at most 9 kB for less than 30 minutes, so one address
 * fills at most 8 MB.
 */
const perNetwork = 300;
/**
 * The limit for requests that a client pushes with its secret or assertion. Such a client may be a backend with many
 * users, and each request expires after one minute.
 */
const perPushingNetwork = 6_000;
/** The limit for the requests of one account that is signed in, which are stored for an hour. */
const perAccount = 600;

/**
 * Keeps visitors and owners from filling the database. Across all replicas, requests that are stored before a sign-in
 * are counted for each network, and requests of an owner who is signed in for each account.
 */
export function limitStoredRequests(foundation: Pick<Foundation, 'configuration' | 'db'>): Middleware {
  return async (ctx, next) => {
    if (ctx.state.endpoint?.storesParameters)
      await requireFew(foundation.db, { ...(await findLimit(foundation, ctx)), windowSeconds });
    await next();
  };
}

async function findLimit(foundation: Pick<Foundation, 'configuration' | 'db'>, ctx: Context) {
  const accountId = await findAccountId(foundation, ctx);
  if (accountId !== undefined) return { key: `authorize:account:${accountId}`, limit: perAccount };
  const network = networkOf(ctx.ip);
  if (isAuthenticating(ctx)) return { key: `push:${network}`, limit: perPushingNetwork };
  return { key: `authorize:${network}`, limit: perNetwork };
}

/** The account that is signed in. At the authorization endpoint, `align-session.ts` has found it already. */
async function findAccountId(
  foundation: Pick<Foundation, 'configuration' | 'db'>,
  ctx: Context,
): Promise<string | undefined> {
  if (ctx.path === paths.authorization) return ctx.state.ownerAccountId;
  return ctx.path === paths.endSession ? (await findOwner(foundation, ctx))?.accountId : undefined;
}

/**
 * Whether this is a pushed request with a client secret or assertion. A request with a wrong secret or assertion is not
 * stored. Wrong secrets are counted where they are compared; assertions cannot be guessed. An empty secret counts as no
 * secret, as in oidc-provider, because a client without a secret may send an empty one.
 */
function isAuthenticating(ctx: Context): boolean {
  if (ctx.path !== paths.pushedAuthorizationRequest) return false;
  const gives = ({ name, value }: Parameter) => /^client_(secret|assertion)$/.test(name) && value.length > 0;
  return ctx.get('Authorization') !== '' || (ctx.state.form ?? []).some(gives);
}
