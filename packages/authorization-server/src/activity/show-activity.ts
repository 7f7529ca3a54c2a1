import {
  insertAuditEvent,
  listAuditEvents,
  listClientsOfAccount,
  type OwnerSession,
} from '@aipassport/store/authorization';
import { entriesPerPage } from '../account/list-page.js';
import { takeFixedNotice } from '../account/notices.js';
import { requireOwnForm } from '../account/require-own-form.js';
import { describeSignedIn, requireOwner } from '../account/require-owner.js';
import { pageWithQuery } from '../account/return-to.js';
import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderActivityPage } from '../pages/activity-page.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { type ActivityFilter, describeActivityFilter, readActivityFilter, readBefore } from './activity-filter.js';
import { confirmExport } from './confirm-export.js';
import { answerWithFile, describeForExport, mapEvents, readEvents } from './export-events.js';

const purpose = 'activity';
const notices = { confirmed: 'password.confirmedDownload' } as const;
const exportedColumns = ['description', 'app', 'client_id', 'access'];

/** `GET /account/activity`: the account's audit log, in words. */
export async function showActivity(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(
    deps,
    ctx,
    pageWithQuery(paths.activity, (name) => queryText(ctx, name)),
  );
  if (owner === undefined) return;
  const filter = readActivityFilter((name) => queryText(ctx, name));
  await renderActivity(deps, ctx, { owner, filter, before: readBefore(queryText(ctx, 'before')), problems: [] });
}

/** `POST /account/activity/export`: a file of all events that the filter selects. Requires a recent sign-in. */
export async function submitActivityExport(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.activity, purpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const filter = readActivityFilter((name) => fieldText(form, name));
  const isConfirmed = await confirmExport(deps, ctx, {
    owner,
    invalidFields: findInvalidFields(deps.forms.activityExport, form),
    question: 'events.confirmExport',
    page: { path: paths.activity, query: describeActivityFilter(filter) },
    refuse: (problem) => renderActivity(deps, ctx, { owner, filter, before: undefined, problems: [problem] }),
  });
  if (!isConfirmed) return;
  const { accountId } = owner;
  await insertAuditEvent(deps.db, { event: 'activity_exported', accountId });
  const events = readEvents(deps.db, { accountId, kinds: filter.kinds, clientId: filter.clientId });
  const format = fieldText(form, 'format') === 'csv' ? 'csv' : 'jsonl';
  const rows = mapEvents(events, (event) => describeForExport(event, ctx.state.texts));
  answerWithFile(ctx, { name: 'account-activity', format, columns: exportedColumns }, rows);
}

interface ActivityView {
  readonly owner: OwnerSession;
  readonly filter: ActivityFilter;
  readonly before: bigint | undefined;
  readonly problems: readonly Problem[];
}

async function renderActivity(deps: Dependencies, ctx: Context, view: ActivityView): Promise<void> {
  const { owner, filter, before, problems } = view;
  const { accountId, timeZone } = owner;
  const { kinds, clientId } = filter;
  // reads one event more than the page shows, to know whether there are earlier ones
  const events = await listAuditEvents(deps.db, { accountId, kinds, clientId, before, limit: entriesPerPage + 1 });
  const shown = events.slice(0, entriesPerPage);
  ctx.type = 'html';
  ctx.body = renderActivityPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone,
    now: deps.now(),
    upstreams: deps.configuration.models.upstreams,
    filter,
    clients: await listClientsOfAccount(deps.db, accountId),
    events: shown,
    isFirstPage: before === undefined,
    earlierThan: events.length > entriesPerPage ? shown.at(-1)?.id : undefined,
    notice: takeFixedNotice(deps, ctx, notices),
    problems,
  });
}
