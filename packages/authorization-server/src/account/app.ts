import { dayOf, firstOfMonth, monthBefore } from '@aipassport/policy';
import {
  findAccountLimit,
  findAppUsage,
  type ListedGrant,
  listGrantedClients,
  listGrantsOfClient,
  listOpenRequests,
  listUsage,
  listUsageMonths,
  type OwnerSession,
  parseUsagePosition,
  summarizeUsage,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { listKeyStates, selectSimulated } from '../interaction/list-key-states.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderAppPage } from '../pages/app-page.js';
import { takeAccessNotice } from './access-notice.js';
import { deriveAppId } from './app-id.js';
import { revokePurpose } from './grant.js';
import { entriesPerPage, takePage } from './list-page.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { pageWithQuery } from './return-to.js';
import { queryText } from './sign-in.js';

/** The number of months in the chart, including its last month. */
export const shownMonths = 12;

/** `GET /account/apps/:app_id`: shows everything that an owner allowed one app, and what the app did with it. */
export async function showApp(deps: Dependencies, ctx: Context, appId: string): Promise<void> {
  const owner = await requireOwner(
    deps,
    ctx,
    pageWithQuery(ctx.path, (name) => queryText(ctx, name)),
  );
  if (owner === undefined) return;
  const app = { accountId: owner.accountId, clientId: await getClientOfApp(deps, owner, appId) };
  const { made, delegated } = await listGrantsOfClient(deps.db, app);
  const usage = await findAppUsage(deps.db, app);
  const [newest] = made;
  if (newest === undefined || usage === undefined) throw notYours();
  const after = parseUsagePosition(queryText(ctx, 'after'));
  const { entries, next } = await listUsage(deps.db, {
    accountId: app.accountId,
    of: { clientId: app.clientId },
    limit: entriesPerPage,
    after,
  });
  const now = deps.now();
  const today = dayOf(now, owner.timeZone);
  const logos = await deps.logos.find([app.clientId], app.accountId);
  const keyStates = await listKeyStates(deps, owner);
  ctx.type = 'html';
  ctx.body = renderAppPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'apps'),
    csrfToken: issueFormToken(deps, ctx, revokePurpose),
    timeZone: owner.timeZone,
    now,
    today,
    month: await summarizeUsage(deps.db, { ...app, month: firstOfMonth(today) }),
    months: await listUsageMonths(deps.db, {
      ...app,
      from: firstOfMonth(monthBefore(today.slice(0, 7), shownMonths - 1)),
      to: firstOfMonth(today),
    }),
    upstreams: deps.configuration.models.upstreams,
    keyStates,
    simulated: selectSimulated(keyStates),
    appId,
    newest,
    logo: logos.get(app.clientId),
    live: takePage(ctx, made.filter(isActive)),
    past: takePage(
      ctx,
      made.filter((grant) => !isActive(grant)),
      'past',
    ),
    isPastAsked: queryText(ctx, 'past') !== '',
    delegated,
    open: await listOpenRequests(deps.db, app.accountId),
    usage,
    accountLimit: await findAccountLimit(deps.db, app.accountId),
    entries,
    olderPath: next && `${formatPath(paths.app, appId)}?${new URLSearchParams({ after: next })}`,
    isFirstPage: after === undefined,
    notice: takeAccessNotice(deps, ctx),
  });
}

function isActive({ state }: ListedGrant): boolean {
  return state === 'active';
}

/** @throws Denied, with the same reason for another owner's app and for an app that does not exist */
export async function getClientOfApp(
  { db }: Pick<Dependencies, 'db'>,
  { accountId }: Pick<OwnerSession, 'accountId'>,
  appId: string,
): Promise<string> {
  const clientIds = await listGrantedClients(db, accountId);
  const clientId = clientIds.find((id) => deriveAppId(id) === appId);
  if (clientId === undefined) throw notYours();
  return clientId;
}

function notYours(): Denied {
  return new Denied({ reason: 'grant_unknown' });
}
