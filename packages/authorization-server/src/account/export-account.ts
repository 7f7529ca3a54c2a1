import { Readable } from 'node:stream';
import { insertAuditEvent, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderExportPage } from '../pages/own-data-pages.js';
import type { Problem } from '../pages/parts.js';
import { hasConfirmedNow } from './confirm-sign-in.js';
import { takeFixedNotice } from './notices.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireConfirmedForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { writeAccountData } from './write-account-data.js';

const purpose = 'export';
const notices = { confirmed: 'password.confirmedDownload' } as const;

/** `GET /account/export` */
export async function showExport(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.accountExport);
  if (owner !== undefined) renderExport(deps, ctx, owner, []);
}

/** `POST /account/export`: the data of the account except its secrets, as JSON. Requires a recent sign-in. */
export async function submitExport(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireConfirmedForm(deps, ctx, {
    returnTo: paths.accountExport,
    purpose,
    question: 'ownData.confirmExport',
    showAgain: (owner, problem) => renderExport(deps, ctx, owner, [problem]),
  });
  if (sent === undefined) return;
  if (hasConfirmedNow(ctx)) return redirectWithNotice(deps, ctx, { path: paths.accountExport, done: 'confirmed' });
  const { owner } = sent;
  await insertAuditEvent(deps.db, { event: 'data_exported', accountId: owner.accountId });
  ctx.attachment('aipassport-data.json');
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = Readable.from(writeAccountData(deps.db, owner.accountId));
}

function renderExport(deps: Dependencies, ctx: Context, owner: OwnerSession, problems: readonly Problem[]): void {
  ctx.type = 'html';
  ctx.body = renderExportPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    notice: takeFixedNotice(deps, ctx, notices),
    problems,
  });
}
