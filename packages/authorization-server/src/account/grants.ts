import { revokeGrant } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { deriveAppId } from './app-id.js';
import { getOwnGrant, revokePurpose } from './grant.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { seeOther } from './sign-in.js';

/** `GET /account/grants`: the former URL of the list of apps, which some apps link to. */
export function showGrants(_deps: Dependencies, ctx: Context): void {
  seeOther(ctx, paths.apps);
}

/**
 * `POST /account/grants/:grant_id/revoke`: revokes one grant, which the owner gave an app or which the app made by
 * token exchange, and all grants below it. The other grants of the app stay. The answer is sent after the commit. From
 * then on, every proxy refuses new requests under this grant. The button may be pressed twice, so an owner's grant that
 * has already ended gets the same answer. A grant of another account and an unknown grant both get 404.
 */
export async function submitRevokeGrant(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.grants, purpose: revokePurpose });
  if (sent === undefined) return;
  const { owner } = sent;
  const { accountId } = owner;
  const { clientId } = await getOwnGrant(deps, owner, grantId);
  await revokeGrant(deps.db, { grantId, accountId, reason: 'owner', revokedBy: accountId });
  redirectWithNotice(deps, ctx, { path: formatPath(paths.app, deriveAppId(clientId)), done: 'revoked' });
}
