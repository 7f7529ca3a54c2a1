import { listDelegatedGrants, listGrants, revokeGrant } from '@aipassport/store/authorization';
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
  const owner = await requireOwner(deps, ctx, paths.grants);
  if (owner === undefined) return;
  const grants = await listGrants(deps.db, owner.accountId);
  ctx.type = 'html';
  ctx.body = renderGrantsPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'grants'),
    csrfToken: issueFormToken(deps, ctx, revokePurpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    upstreams: deps.configuration.models.upstreams,
    grants,
    logos: await deps.logos.find([...new Set(grants.map(({ clientId }) => clientId))], owner.accountId),
    delegated: await listDelegatedGrants(deps.db, owner.accountId),
    notice: queryText(ctx, 'done') === 'revoked' ? 'apps.removed' : undefined,
  });
}

/**
 * `POST /account/grants/:grant_id/revoke`. It is answered after the commit: from then on, every proxy refuses new
 * requests under this grant. The button may be pressed twice, so an owner's grant that has already ended gets the same
 * answer. A grant of another account and an unknown grant both get 404.
 */
export async function submitRevokeGrant(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const form = readForm(ctx);
  const owner = await requireOwner(deps, ctx, paths.grants);
  if (owner === undefined) return;
  requireFormToken(deps, ctx, form, revokePurpose);
  const { accountId } = owner;
  const isRevoked = await revokeGrant(deps.db, { grantId, accountId, reason: 'owner', revokedBy: accountId });
  if (!isRevoked) await getOwnGrant(deps, owner, grantId);
  seeOther(ctx, `${paths.grants}?done=revoked`);
}
