import type Koa from 'koa';
import type { Provider } from 'oidc-provider';
import type { Context } from '../context.js';

export type ProviderSession = Awaited<ReturnType<Provider['Session']['get']>>;

/** oidc-provider's own session of this browser, or a new session without an account when there is none. */
export async function getProviderSession(provider: Provider, ctx: Context): Promise<ProviderSession> {
  return provider.Session.get(ctx as Koa.Context);
}

/** Seconds since 1970, as oidc-provider counts time. */
export function toSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

/** Makes oidc-provider forget who signed in at this browser. */
export async function endProviderSession(provider: Provider, ctx: Context): Promise<void> {
  const session = await getProviderSession(provider, ctx);
  if (session.accountId !== undefined) await session.destroy();
}
