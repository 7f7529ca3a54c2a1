import type { OwnerSession } from '@aipassport/store/authorization';
import type Koa from 'koa';
import type { Provider } from 'oidc-provider';
import type { Context } from '../../context.js';

export type ProviderSession = Awaited<ReturnType<Provider['Session']['get']>>;

/**
 * oidc-provider's own session of this browser. If the browser has no session, the result is a new session without an
 * account.
 *
 * Assumption: Session.get in middleware reads the session that the cookie names, and destroy and persist of the session
 * change its row.
 */
export async function getProviderSession(provider: Provider, ctx: Context): Promise<ProviderSession> {
  return provider.Session.get(ctx as Koa.Context);
}

/** Makes oidc-provider forget who signed in at this browser. */
export async function endProviderSession(provider: Provider, ctx: Context): Promise<void> {
  const session = await getProviderSession(provider, ctx);
  if (session.accountId !== undefined) await session.destroy();
}

/** Updates the time of the sign-in (`auth_time` of ID tokens), because the owner may have signed in again. */
export async function updateSignInTime(
  session: ProviderSession,
  { authenticatedAt }: Pick<OwnerSession, 'authenticatedAt'>,
): Promise<void> {
  const loginTs = toSeconds(authenticatedAt);
  if (session.loginTs === loginTs) return;
  session.loginTs = loginTs;
  await session.persist();
}

/** Seconds since 1970, as oidc-provider counts time. */
export function toSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

/**
 * Hides a cookie from the code that handles this request after this call.
 *
 * Assumption: the cookie of a session is read from the headers of the request, after our middleware.
 */
export function hideCookie(ctx: Context, name: string): void {
  const pairs = (ctx.req.headers.cookie ?? '').split(';');
  ctx.req.headers.cookie = pairs.filter((pair) => pair.split('=')[0]?.trim() !== name).join(';');
}
