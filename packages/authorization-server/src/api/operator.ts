import type { SettingInForce } from '@aipassport/contracts';
import { formatDecimalUsd } from '@aipassport/policy';
import { release } from '@aipassport/store';
import {
  type AccountSummary,
  type ClientSummary,
  type InstanceEvent,
  listAccountSummaries,
  listClientSummaries,
  listInstanceEvents,
  listRedirectUris,
  listRunningProxies,
  readInstanceFacts,
} from '@aipassport/store/authorization';
import { queryText } from '../account/sign-in.js';
import { readBefore } from '../activity/activity-filter.js';
import { describeForOperators } from '../activity/describe-event.js';
import type { Dependencies } from '../dependencies.js';
import { readAuditFilter } from '../operator/audit-filter.js';
import { findChange } from '../operator/changes.js';
import { describeSettings } from '../operator/describe-settings.js';
import type { ApiCall, Specified } from './api-call.js';
import { apiTexts } from './api-texts.js';
import { readJson } from './bodies.js';
import { buildListPage, pageSize, readCursor } from './cursor.js';
import { unknownObject } from './refusals.js';
import { orNull, timeOrNull } from './values.js';

/** `GET /api/operator`: what the operator's first page shows. */
export async function getInstance({ db, configuration, readiness }: Dependencies): Promise<Specified['Instance']> {
  const facts = await readInstanceFacts(db);
  const { isReady, findings } = await readiness.read();
  return {
    release: String(release),
    node_version: process.version,
    postgres_version: facts.postgresVersion,
    database_bytes: Number(facts.databaseBytes),
    accounts: facts.accounts,
    clients: facts.clients,
    is_ready: isReady,
    checks: Object.entries(findings).map(([name, { ok, message }]) => ({ name, ok, message: orNull(message) })),
    signing_key_ids: configuration.signingKeys.map(({ kid }) => kid),
    settings: describeSettings(configuration).map(describeSetting),
    proxies: (await listRunningProxies(db)).map(({ proxies, settings }) => ({
      count: proxies,
      settings: settings?.map(describeSetting) ?? null,
    })),
  };
}

function describeSetting({ name, value }: SettingInForce): Specified['InstanceSetting'] {
  return { name, value: orNull(value) };
}

/** `GET /api/operator/accounts` */
export async function getAccounts(
  { db }: Dependencies,
  { ctx }: Pick<ApiCall, 'ctx'>,
): Promise<Specified['AccountPage']> {
  const found = await listAccountSummaries(db, readSearch(ctx));
  const { rows, next } = buildListPage(found, ({ email }) => email);
  return { accounts: rows.map(describeAccount), next };
}

function describeAccount(account: AccountSummary): Specified['InstanceAccount'] {
  return {
    account_id: account.id,
    email: account.email,
    created_at: account.createdAt.toISOString(),
    disabled_at: timeOrNull(account.disabledAt),
    is_operator: account.isOperator,
    apps: account.apps,
    month_cost_usd: formatDecimalUsd(account.monthCost),
    simulated_month_cost_usd: formatDecimalUsd(account.simulatedMonthCost),
  };
}

/** `GET /api/operator/clients` */
export async function getAllClients(
  { db, configuration }: Dependencies,
  { ctx }: Pick<ApiCall, 'ctx'>,
): Promise<Specified['ClientPage']> {
  const found = await listClientSummaries(db, readSearch(ctx));
  const { rows, next } = buildListPage(found, ({ id }) => id);
  return { clients: rows.filter(({ id }) => id !== configuration.proxyClientId).map(describeClientRow), next };
}

function describeClientRow(client: ClientSummary): Specified['InstanceClient'] {
  return {
    client_id: client.id,
    name: client.name,
    redirect_uris: [...listRedirectUris(client)],
    registered_by: client.registeredBy,
    created_at: client.createdAt.toISOString(),
    is_approved: client.isApproved,
    is_blocked: client.isBlocked,
    accounts: client.accounts,
  };
}

function readSearch(ctx: ApiCall['ctx']) {
  return {
    search: queryText(ctx, 'search').slice(0, 300),
    after: readCursor(ctx, (text) => text) ?? '',
    limit: pageSize + 1,
  };
}

/** `GET /api/operator/audit` */
export async function getAuditLog(
  { db }: Dependencies,
  { ctx }: Pick<ApiCall, 'ctx'>,
): Promise<Specified['AuditPage']> {
  const filter = readAuditFilter((name) => queryText(ctx, name));
  const before = readCursor(ctx, readBefore);
  const found = await listInstanceEvents(db, { ...filter, before, limit: pageSize + 1 });
  const { rows, next } = buildListPage(found, ({ id }) => String(id));
  return { events: rows.map(describeEventRow), next };
}

function describeEventRow(row: InstanceEvent): Specified['AuditEvent'] {
  const { at, event, email, clientId, client, grantId, detail } = row;
  return {
    at: at.toISOString(),
    event,
    description: apiTexts(describeForOperators(row)),
    email: orNull(email),
    client_id: orNull(clientId),
    app: orNull(client?.clientName),
    grant_id: orNull(grantId),
    detail: { ...detail },
  };
}

/**
 * `POST /api/operator/changes`. The API can only disable an account, stop it from inviting others, withdraw an
 * invitation, block a client, or take back a client's approval. Other changes, such as undoing these, are made on the
 * pages.
 */
export async function changeInstance(
  deps: Dependencies,
  { ctx, caller }: ApiCall,
): Promise<Specified['InstanceChangeResult']> {
  const { act, subject } = await readJson(deps, ctx, 'InstanceChange');
  const change = findChange(act);
  if (change === undefined || (await change.find(deps, subject, caller.accountId)) === undefined) throw unknownObject();
  const by = `api_token:${caller.tokenId}`;
  const changed = await change.perform(deps, subject, by);
  ctx.state.log.info({ event: 'operator_change', change: act, done: changed, by });
  return { changed };
}
