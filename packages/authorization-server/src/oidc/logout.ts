import type { KoaContextWithOIDC } from 'oidc-provider';
import { endOwnerSession } from '../account/owner-session.js';
import type { Context, Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { formActionSource } from '../middleware/form-action-source.js';
import { renderSignedOutPage, renderSignOutPage } from '../pages/sign-out-page.js';

/**
 * RP-initiated logout with our pages and our session. oidc-provider's own page for somebody who is signed out already
 * submits itself with a script; ours asks, which works without one.
 */
export function serveLogout(foundation: Pick<Foundation, 'db' | 'configuration' | 'stylesheet'>): Middleware {
  const { stylesheet } = foundation;
  return async (ctx, next) => {
    await next();
    if (ctx.path === paths.endSession && ctx.method === 'GET' && ctx.status === 200) {
      const { state = {} } = sessionOf(ctx);
      const { postLogoutRedirectUri } = state;
      if (typeof postLogoutRedirectUri === 'string') ctx.state.formActions = [formActionSource(postLogoutRedirectUri)];
      ctx.type = 'html';
      ctx.body = renderSignOutPage({
        stylesheet,
        action: paths.endSessionConfirmation,
        secret: String(state['secret']),
      });
    }
    if (ctx.path === paths.endSessionConfirmation && ctx.status === 303 && sessionOf(ctx).destroyed === true)
      await endOwnerSession(foundation, ctx);
    if (ctx.path === paths.endSessionSuccess && ctx.status === 200) {
      ctx.type = 'html';
      ctx.body = renderSignedOutPage({ stylesheet });
    }
  };
}

interface ProviderSession {
  readonly state?: Readonly<Record<string, unknown>>;
  readonly destroyed?: boolean;
}

function sessionOf(ctx: Context): ProviderSession {
  return ((ctx as unknown as KoaContextWithOIDC).oidc.session ?? {}) as ProviderSession;
}
