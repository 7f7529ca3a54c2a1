import { accountLimitName } from '@aipassport/contracts';
import { findAccountLimit, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderAccountLimitPage } from '../pages/account-limit-page.js';
import { fieldText, readForm } from '../read-form.js';
import { changeAccountLimit, formatLimit, type LimitFormView } from './account-limit.js';
import { getOwnGrant } from './grant.js';
import type { OwnGrant } from './read-grant-change.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn } from './require-owner.js';
import { grantLimitsPath } from './return-to.js';
import { renderSettings, settingsPurpose } from './settings.js';

/**
 * `POST /account/settings/limit`: sets the limit on the spending of all apps together. The form is in the settings, and
 * on a page of its own for an owner who comes from an app. That page names a grant of the app in `grant_id`, and the
 * grant's page leads back to the app.
 */
export async function submitAccountLimit(deps: Dependencies, ctx: Context): Promise<void> {
  const grantId = fieldText(readForm(ctx), 'grant_id');
  const returnTo = grantId === '' ? paths.settings : grantLimitsPath(grantId, accountLimitName);
  const sent = await requireOwnForm(deps, ctx, { returnTo, purpose: settingsPurpose, act: 'settings.limitTitle' });
  if (sent === undefined) return;
  const { owner } = sent;
  const grant = grantId === '' ? undefined : await getOwnGrant(deps, owner, grantId);
  const again = await changeAccountLimit(deps, ctx, sent);
  if (again === undefined) {
    const page = grant === undefined ? paths.settings : formatPath(paths.grant, grant.id);
    return redirectWithNotice(deps, ctx, { path: page, done: grant === undefined ? 'limit' : 'overall-limit' });
  }
  markRefused(ctx, 'form_invalid');
  if (grant !== undefined) return showAccountLimit(deps, ctx, { owner, grant }, again);
  const { isUnconfirmed = false, ...view } = again;
  await renderSettings(deps, ctx, { owner, notice: undefined, ...view, ...(isUnconfirmed && { confirms: 'limit' }) });
}

interface RefusedApp {
  readonly owner: OwnerSession;
  /** The grant of the app that was refused. */
  readonly grant: OwnGrant;
}

/** The page that shows only the limit on the spending of all apps together. */
export async function showAccountLimit(
  deps: Dependencies,
  ctx: Context,
  { owner, grant }: RefusedApp,
  view: LimitFormView = { problems: [] },
): Promise<void> {
  const accountLimit = await findAccountLimit(deps.db, owner.accountId);
  const current = formatLimit(accountLimit);
  ctx.type = 'html';
  ctx.body = renderAccountLimitPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'apps'),
    csrfToken: issueFormToken(deps, ctx, settingsPurpose),
    grant,
    accountLimit,
    current,
    limitText: current,
    acceptsNoLimit: false,
    isUnconfirmed: false,
    ...view,
  });
}
