import { listGrants, revokeGrant } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { renderGrantsPage } from '../pages/grants-page.js';
import { readForm } from '../read-form.js';
import { getOwnGrant, revokePurpose } from './grant.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { queryText, seeOther } from './sign-in.js';

/** `GET /account/grants` */
export async function showGrants(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx);
  if (owner === undefined) return;
  ctx.type = 'html';
  ctx.body = renderGrantsPage({
    stylesheet: deps.stylesheet,
    signedIn: describeSignedIn(deps, ctx, owner, 'grants'),
    csrfToken: issueFormToken(deps, ctx, revokePurpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    upstreams: deps.configuration.models.upstreams,
    grants: await listGrants(deps.db, owner.accountId),
    notice: queryText(ctx, 'done') === 'revoked' ? 'Revoked. From this moment the app gets nothing more.' : undefined,
  });
}

/**
 * `POST /account/grants/:grant_id/revoke`. Answered after the commit: what arrives at any proxy from then on is
 * refused. An owner's grant that has ended already gets the same answer, since the button may be pressed twice. A grant
 * of another account and an unknown grant are both 404.
 */
export async function submitRevokeGrant(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const form = readForm(ctx);
  const owner = await requireOwner(deps, ctx);
  if (owner === undefined) return;
  requireFormToken(deps, ctx, form, revokePurpose);
  const { accountId } = owner;
  const isRevoked = await revokeGrant(deps.db, { grantId, accountId, reason: 'owner', revokedBy: accountId });
  if (!isRevoked) await getOwnGrant(deps, owner, grantId);
  seeOther(ctx, `${paths.grants}?done=revoked`);
}
