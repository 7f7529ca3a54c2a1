import { readSealing } from '@aipassport/store';
import { insertAuditEvent, listInstanceEvents, type OwnerSession } from '@aipassport/store/authorization';
import { entriesPerPage } from '../account/list-page.js';
import { takeFixedNotice } from '../account/notices.js';
import { describeSignedIn } from '../account/require-owner.js';
import { queryText } from '../account/sign-in.js';
import { readBefore } from '../activity/activity-filter.js';
import { confirmExport } from '../activity/confirm-export.js';
import { answerWithFile } from '../activity/export-events.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { describeAuditFilter, renderOperatorAuditPage } from '../pages/operator-audit-page.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { type AuditFilter, readAuditFilter } from './audit-filter.js';
import { exportedColumns, readExportedEvents } from './export-audit-log.js';
import { requireOperator, requireOperatorForm } from './require-operator.js';

const purpose = 'operator-audit';
const notices = { confirmed: 'password.confirmedDownload' } as const;

/** `GET /operator/audit`: the events of all accounts, the latest first. */
export async function showAuditLog(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  const filter = readAuditFilter((name) => queryText(ctx, name));
  await renderAudit(deps, ctx, { operator, filter, before: readBefore(queryText(ctx, 'before')), problems: [] });
}

/** `POST /operator/audit/export`: the events that the filter selects, as a file. */
export async function submitAuditExport(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOperatorForm(deps, ctx, {
    returnTo: paths.operatorAudit,
    purpose,
    act: () => 'operator.exportTitle',
  });
  if (sent === undefined) return;
  const { operator, form } = sent;
  const filter = readAuditFilter((name) => fieldText(form, name));
  const isConfirmed = await confirmExport(deps, ctx, {
    owner: operator,
    invalidFields: findInvalidFields(deps.forms.operatorAuditExport, form),
    question: 'operator.confirmExport',
    page: { path: paths.operatorAudit, query: describeAuditFilter(filter) },
    refuse: (problem) => renderAudit(deps, ctx, { operator, filter, before: undefined, problems: [problem] }),
  });
  if (!isConfirmed) return;
  await insertAuditEvent(deps.db, { event: 'audit_log_exported', accountId: operator.accountId });
  const format = fieldText(form, 'format') === 'csv' ? 'csv' : 'jsonl';
  answerWithFile(ctx, { name: 'audit-log', format, columns: exportedColumns }, readExportedEvents(deps.db, filter));
}

interface AuditView {
  readonly operator: OwnerSession;
  readonly filter: AuditFilter;
  readonly before: bigint | undefined;
  readonly problems: readonly Problem[];
}

async function renderAudit(deps: Dependencies, ctx: Context, view: AuditView): Promise<void> {
  const { operator, filter, before, problems } = view;
  const events = await listInstanceEvents(deps.db, { ...filter, before, limit: entriesPerPage + 1 });
  const shown = events.slice(0, entriesPerPage);
  ctx.type = 'html';
  ctx.body = renderOperatorAuditPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: operator.timeZone,
    filter,
    sealing: await readSealing(deps.db),
    events: shown,
    isFirstPage: before === undefined,
    earlierThan: events.length > entriesPerPage ? shown.at(-1)?.id : undefined,
    notice: takeFixedNotice(deps, ctx, notices),
    problems,
  });
}
