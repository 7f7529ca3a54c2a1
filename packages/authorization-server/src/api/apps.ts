import { dayOf, firstOfMonth, formatDecimalUsd, monthBefore } from '@aipassport/policy';
import {
  type EndedAccess,
  findAppUsage,
  type LedgerEntry,
  listGrantsOfClient,
  listLiveGrants,
  listOpenRequests,
  listPastClients,
  listUsage,
  listUsageMonths,
  parseUsagePosition,
  summarizeUsage,
} from '@aipassport/store/authorization';
import { getClientOfApp, shownMonths } from '../account/app.js';
import { deriveAppId } from '../account/app-id.js';
import { removeAccess } from '../account/remove-access.js';
import { type AppSummary, summarizeApps } from '../account/summarize-app.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import type { ApiCall, Specified } from './api-call.js';
import { formatCursor, pageSize, readCursor } from './cursor.js';
import { describeApiGrant } from './describe-grant.js';
import { describeOrigin } from './describe-origin.js';
import { describeSum, orNull, readMonth, timeOrNull, usdOrNull } from './values.js';

/** `GET /api/account/apps` */
export async function getApps({ db, now }: Dependencies, { caller }: ApiCall): Promise<Specified['AppList']> {
  const { accountId, timeZone } = caller;
  const open = await listOpenRequests(db, accountId);
  const past = await listPastClients(db, accountId);
  return {
    apps: summarizeApps(await listLiveGrants(db, accountId), { open, timeZone, now: now() }).map(describeSummary),
    past_apps: past.map(({ id, clientId, clientName, ...identity }) => ({
      app_id: deriveAppId(clientId),
      client_id: clientId,
      name: clientName,
      ...describeOrigin(identity),
      last_grant: id,
    })),
  };
}

/** `DELETE /api/account/apps` */
export async function removeAllApps(deps: Dependencies, { caller }: ApiCall): Promise<Specified['EndedAccess']> {
  const { accountId, tokenId: apiToken } = caller;
  return describeEndedAccess(await removeAccess(deps, { accountId, apiToken }));
}

/** `DELETE /api/account/apps/:app_id` */
export async function removeApp(deps: Dependencies, { caller, value }: ApiCall): Promise<Specified['EndedAccess']> {
  const { accountId, tokenId: apiToken } = caller;
  const clientId = await getClientOfApp(deps, caller, value);
  return describeEndedAccess(await removeAccess(deps, { accountId, clientId, apiToken }));
}

function describeEndedAccess({ clients, grants, tokens, requests }: EndedAccess): Specified['EndedAccess'] {
  return { apps: clients, grants, tokens, requests };
}

function describeSummary(app: AppSummary): Specified['AppSummary'] {
  return {
    app_id: app.id,
    client_id: app.clientId,
    name: app.clientName,
    ...describeOrigin(app),
    scope: app.tokens.map(({ text }) => text).join(' '),
    spent_usd: formatDecimalUsd(app.spent),
    max_cost_usd: usdOrNull(app.maxCost),
    open_requests: app.openRequests,
    expires_at: app.expiresAt.toISOString(),
    ends_soon: app.isEndingSoon,
    is_exhausted: app.isExhausted,
    limit_reached_until: timeOrNull(app.pausedUntil),
  };
}

/** `GET /api/account/apps/:app_id` */
export async function getApp(deps: Dependencies, { caller, value }: ApiCall): Promise<Specified['ConnectedApp']> {
  const { accountId, timeZone } = caller;
  const clientId = await getClientOfApp(deps, caller, value);
  const { made, delegated } = await listGrantsOfClient(deps.db, { accountId, clientId });
  const usage = await findAppUsage(deps.db, { accountId, clientId });
  const [newest] = made;
  if (newest === undefined || usage === undefined) throw new Denied({ reason: 'grant_unknown' });
  const { issuer } = deps.configuration;
  const place = { issuer, timeZone, now: deps.now(), open: await listOpenRequests(deps.db, accountId) };
  return {
    app_id: value,
    client_id: clientId,
    name: newest.clientName,
    ...describeOrigin(newest),
    connected_at: usage.connectedAt.toISOString(),
    last_used_at: timeOrNull(usage.lastUsedAt),
    used: describeSum({ cost: usage.spent, requests: usage.requests }),
    simulated: describeSum(usage.simulated),
    grants: [...made, ...delegated].map((grant) => describeApiGrant(grant, place)),
    page: `${issuer}${formatPath(paths.app, value)}`,
  };
}

const firstMonth = '0001-01-01';

/** `GET /api/account/apps/:app_id/usage`: what one app cost in a month, and in each of the 11 months before. */
export async function getAppUsage(
  deps: Dependencies,
  { ctx, caller, value }: ApiCall,
): Promise<Specified['AppUsageOfMonth']> {
  const { accountId, timeZone } = caller;
  const app = { accountId, clientId: await getClientOfApp(deps, caller, value) };
  const month = readMonth(ctx, dayOf(deps.now(), timeZone));
  const to = firstOfMonth(month);
  const usage = await summarizeUsage(deps.db, { ...app, month: to });
  const from = firstOfMonth(monthBefore(month, shownMonths - 1));
  // PostgreSQL has no year 0
  const months = await listUsageMonths(deps.db, { ...app, from: from < firstMonth ? firstMonth : from, to });
  return {
    month,
    time_zone: timeZone,
    total: describeSum(usage.total),
    simulated: describeSum(usage.simulated),
    models: usage.byModel.map(({ upstream, model, ...sum }) => ({ upstream, model, ...describeSum(sum) })),
    days: usage.byDay.map(({ day, ...sum }) => ({ day, ...describeSum(sum) })),
    months: months.map(({ month: first, ...sum }) => ({ month: first.slice(0, 7), ...describeSum(sum) })),
  };
}

/** `GET /api/account/apps/:app_id/requests` */
export async function getRequests(
  deps: Dependencies,
  { ctx, caller, value }: ApiCall,
): Promise<Specified['RequestPage']> {
  const clientId = await getClientOfApp(deps, caller, value);
  const { accountId } = caller;
  const after = readCursor(ctx, parseUsagePosition);
  const { entries, next } = await listUsage(deps.db, { accountId, of: { clientId }, limit: pageSize, after });
  return { requests: entries.map(describeEntry), next: formatCursor(next) };
}

function describeEntry(entry: LedgerEntry): Specified['EndedRequest'] {
  return {
    request_id: entry.requestId,
    at: entry.admittedAt.toISOString(),
    upstream: entry.upstream,
    model: entry.model,
    operation: entry.operation,
    cost_usd: formatDecimalUsd(entry.cost),
    settlement: entry.settlement,
    input_tokens: orNull(entry.inputTokens),
    output_tokens: orNull(entry.outputTokens),
    status: orNull(entry.status),
    cut_off: orNull(entry.cutOff),
    is_simulated: entry.isSimulated,
  };
}
