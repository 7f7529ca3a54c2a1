import { endOwnerSession } from '../account/owner-session.js';
import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { formActionSource } from '../middleware/form-action-source.js';
import { renderSignedOutPage, renderSignOutPage } from '../pages/sign-out-page.js';
import { readLogout } from './engine/read-logout.js';

/**
 * Serves RP-initiated logout with our pages and our session. For a browser that is already signed out, oidc-provider's
 * own page submits itself with a script. Our page has a button and works without scripts.
 */
export function serveLogout(foundation: Pick<Foundation, 'db' | 'configuration' | 'stylesheet'>): Middleware {
  const { stylesheet } = foundation;
  return async (ctx, next) => {
    await next();
    if (ctx.path === paths.endSession && ctx.method === 'GET' && ctx.status === 200) {
      const { secret, postLogoutRedirectUri } = readLogout(ctx);
      if (postLogoutRedirectUri !== undefined) ctx.state.formActions = [formActionSource(postLogoutRedirectUri)];
      ctx.type = 'html';
      ctx.body = renderSignOutPage({
        stylesheet,
        action: paths.endSessionConfirmation,
        secret,
      });
    }
    if (ctx.path === paths.endSessionConfirmation && ctx.status === 303 && readLogout(ctx).isSessionDestroyed)
      await endOwnerSession(foundation, ctx);
    if (ctx.path === paths.endSessionSuccess && ctx.status === 200) {
      ctx.type = 'html';
      ctx.body = renderSignedOutPage({ stylesheet });
    }
  };
}
