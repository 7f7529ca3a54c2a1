import {
  type EndedAccess,
  listLiveGrants,
  listOpenRequests,
  type OwnersAccess,
  revokeGrantsOfOwner,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderRemoveAllPage } from '../pages/remove-all-page.js';
import { describeEndedAccess } from './access-notice.js';
import { getClientOfApp } from './app.js';
import { revokePurpose } from './grant.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';

const removeAllPurpose = 'remove-all';

/**
 * `POST /account/apps/:app_id/remove`: ends all access that one app has from this owner. The answer is sent after the
 * commit. From then on, every proxy refuses new requests of the app, and the answers in progress are cut off.
 */
export async function submitRemoveApp(deps: Dependencies, ctx: Context, appId: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: formatPath(paths.app, appId), purpose: revokePurpose });
  if (sent === undefined) return;
  const { owner } = sent;
  const { accountId } = owner;
  const clientId = await getClientOfApp(deps, owner, appId);
  const ended = await removeAccess(deps, { accountId, clientId });
  redirectWithNotice(deps, ctx, {
    path: formatPath(paths.app, appId),
    done: 'removed',
    values: describeEndedAccess(ended),
  });
}

/** `GET /account/remove-all`: asks once more before the access of all apps is removed. */
export async function showRemoveAll(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.removeAll);
  if (owner === undefined) return;
  const grants = await listLiveGrants(deps.db, owner.accountId);
  const open = await listOpenRequests(deps.db, owner.accountId);
  ctx.type = 'html';
  ctx.body = renderRemoveAllPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'apps'),
    csrfToken: issueFormToken(deps, ctx, removeAllPurpose),
    apps: new Set(grants.map(({ clientId }) => clientId)).size,
    answers: open.reduce((sum, { requests }) => sum + requests, 0),
  });
}

/** `POST /account/remove-all`: for emergencies, so it requires no password. It can only take access away. */
export async function submitRemoveAll(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.removeAll, purpose: removeAllPurpose });
  if (sent === undefined) return;
  const { owner } = sent;
  const ended = await removeAccess(deps, { accountId: owner.accountId });
  redirectWithNotice(deps, ctx, { path: paths.apps, done: 'removed-all', values: describeEndedAccess(ended) });
}

/** Ends the access that an owner gave to one app, or to all. */
export async function removeAccess({ db, log }: Dependencies, access: OwnersAccess): Promise<EndedAccess> {
  const ended = await revokeGrantsOfOwner(db, access);
  const { accountId: account_id, clientId: client_id, apiToken: api_token } = access;
  log.info({ event: 'access_removed', account_id, client_id, api_token, ...ended });
  return ended;
}
