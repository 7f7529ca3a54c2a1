import { Readable } from 'node:stream';
import { auditEventKinds, exportAccount, insertAuditEvent, type OwnerSession } from '@aipassport/store/authorization';
import { readEvents } from '../activity/export-events.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderExportPage } from '../pages/own-data-pages.js';
import type { Problem } from '../pages/parts.js';
import { hasConfirmedNow } from './confirm-sign-in.js';
import { readNotice } from './read-notice.js';
import { requireConfirmedForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { seeOther } from './sign-in.js';

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
  if (hasConfirmedNow(ctx)) return seeOther(ctx, `${paths.accountExport}?done=confirmed`);
  const { owner } = sent;
  await insertAuditEvent(deps.db, { event: 'data_exported', accountId: owner.accountId });
  ctx.attachment('aipassport-data.json');
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = Readable.from(writeParts(deps, owner));
}

/**
 * Writes a JSON object with one member for each part: an array of the part's rows, one on each line. Few rows are in
 * memory at a time.
 */
async function* writeParts({ db }: Dependencies, { accountId }: OwnerSession): AsyncGenerator<string> {
  const activity = { name: 'activity', rows: readEvents(db, { accountId, kinds: auditEventKinds }) };
  let opening = '{';
  for (const { name, rows } of [...exportAccount(db, accountId), activity]) {
    yield `${opening}\n${JSON.stringify(name)}: [`;
    let separator = '\n';
    for await (const row of rows) {
      yield separator + JSON.stringify(row, writeNumber);
      separator = ',\n';
    }
    yield ']';
    opening = ',';
  }
  yield '\n}\n';
}

/** JSON has no bigints. A bigint that is too large for an exact number becomes a string. */
function writeNumber(_member: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function renderExport(deps: Dependencies, ctx: Context, owner: OwnerSession, problems: readonly Problem[]): void {
  ctx.type = 'html';
  ctx.body = renderExportPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    notice: readNotice(ctx, notices),
    problems,
  });
}
