import type { Provider } from 'oidc-provider';
import { findOwner } from '../account/owner-session.js';
import type { Middleware } from '../context.js';
import { cookieNames } from '../cookie-names.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { getProviderSession, hideCookie, updateSignInTime } from './engine/provider-session.js';
import { deriveSessionIdentifiers } from './engine/session-identifiers.js';

/**
 * Aligns oidc-provider's own session with our session of the owner. oidc-provider's session is continued only while our
 * session belongs to the same account. Otherwise oidc-provider's session is destroyed here, before oidc-provider reads
 * it, and the owner is asked to sign in. This happens when the owner signed out, was disabled or signed in to another
 * account, and when our session expired. A session of oidc-provider without an account is not continued either.
 */
export function alignSession(provider: Provider, foundation: Pick<Foundation, 'db' | 'configuration'>): Middleware {
  const names = cookieNames(foundation.configuration);
  return async (ctx, next) => {
    const path = ctx.state.endpoint?.path;
    if (path === paths.authorization || path === paths.resumption) {
      const session =
        ctx.cookies.get(names.providerSession) === undefined ? undefined : await getProviderSession(provider, ctx);
      const owner = await findOwner(foundation, ctx);
      const ownerSessionId = ctx.cookies.get(names.owner);
      const derived = ownerSessionId === undefined ? undefined : deriveSessionIdentifiers(ownerSessionId);
      if (owner !== undefined && derived !== undefined) {
        ctx.state.ownerAccountId = owner.accountId;
        ctx.state.ownerSignIn = { session: derived.uid, secondsAgo: owner.authenticatedSecondsAgo };
      }
      if (session?.accountId === undefined || session.accountId !== owner?.accountId) {
        if (session?.accountId !== undefined) await session.destroy();
        hideCookie(ctx, names.providerSession);
        if (owner !== undefined && derived !== undefined) ctx.state.newSession = derived;
      } else await updateSignInTime(session, owner);
    }
    await next();
  };
}
