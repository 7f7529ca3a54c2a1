import { findClient } from '@aipassport/store/authorization';
import { endSession } from '../account/end-session.js';
import { findOwner } from '../account/owner-session.js';
import type { Context, Middleware } from '../context.js';
import { describeDestination } from '../describe-destination.js';
import { paths } from '../endpoints.js';
import { forRequest } from '../for-request.js';
import type { Foundation } from '../foundation.js';
import { findAppName } from '../interaction/describe-app.js';
import { formActionSource } from '../middleware/form-action-source.js';
import { renderContinuePage, renderSignedOutPage, renderSignOutPage } from '../pages/sign-out-page.js';
import { type Logout, readLogout } from './engine/read-logout.js';

type Deps = Pick<Foundation, 'db' | 'configuration' | 'stylesheet'>;

/**
 * Serves RP-initiated logout: shows our own pages, and ends our own session together with oidc-provider's. For a
 * browser that is already signed out, oidc-provider's own page submits itself with a script. Our page has a button and
 * works without scripts.
 *
 * No request redirects the browser before the owner has pressed a button on a page that names the destination. A client
 * that registered itself could otherwise use a link to this server to send people anywhere (RFC 9700 section 4.11.2).
 */
export function serveLogout(deps: Deps): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.path === paths.endSession && ctx.method === 'GET' && ctx.status === 200) await showLogout(deps, ctx);
    if (ctx.path === paths.endSessionConfirmation && ctx.status === 303) {
      const { isSessionDestroyed, clientId } = readLogout(ctx);
      if (isSessionDestroyed) await endSession(forRequest(deps, ctx), ctx, clientId);
    }
    if (ctx.path === paths.endSessionSuccess && ctx.status === 200) {
      ctx.type = 'html';
      ctx.body = renderSignedOutPage({ stylesheet: deps.stylesheet, texts: ctx.state.texts });
    }
  };
}

/**
 * Asks a signed-in owner whether to sign out. For a person who is not signed in, the page only offers to continue to
 * the client, if the request names a URL of the client.
 */
async function showLogout(deps: Deps, ctx: Context): Promise<void> {
  const logout = readLogout(ctx);
  const owner = await findOwner(deps, ctx);
  const { texts } = ctx.state;
  const { secret, postLogoutRedirectUri: uri } = logout;
  if (uri !== undefined) ctx.state.formActions = [formActionSource(uri)];
  const destination = uri === undefined ? undefined : describeDestination(uri, texts);
  const form = { stylesheet: deps.stylesheet, texts, action: paths.endSessionConfirmation, secret };
  ctx.type = 'html';
  if (owner !== undefined)
    ctx.body = renderSignOutPage({ ...form, destination, appName: await findName(deps, logout) });
  else
    ctx.body =
      destination === undefined
        ? renderSignedOutPage({ stylesheet: deps.stylesheet, texts: ctx.state.texts })
        : renderContinuePage({ ...form, destination });
}

/** The client's name if the operator vouches for the client; otherwise the host of the website that opens next. */
async function findName({ db }: Deps, { clientId, postLogoutRedirectUri }: Logout): Promise<string | undefined> {
  const client = clientId === undefined ? undefined : await findClient(db, clientId);
  return client && findAppName(client, postLogoutRedirectUri);
}
