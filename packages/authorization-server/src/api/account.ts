import { formatDecimalUsd } from '@aipassport/policy';
import { findAccountLimit, listIdentities, listProviderKeys, summarizeUsage } from '@aipassport/store/authorization';
import { deriveAppId } from '../account/app-id.js';
import { queryText } from '../account/sign-in.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { dayOf } from '../limits/calendar.js';
import type { ApiCall, Specified } from './api-call.js';
import { describeSum, orNull, timeOrNull } from './values.js';

/** `GET /api/account` */
export async function getAccount({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['ApiAccount']> {
  const limit = await findAccountLimit(db, caller.accountId);
  return {
    account_id: caller.accountId,
    email: caller.email,
    created_at: caller.createdAt.toISOString(),
    time_zone: caller.timeZone,
    language: orNull(caller.language),
    is_operator: caller.isOperator,
    limit:
      limit === undefined
        ? null
        : {
            max_cost_usd_per_month: formatDecimalUsd(limit.maxCostPerMonth),
            used_usd: formatDecimalUsd(limit.monthCost - limit.reserved),
            held_usd: formatDecimalUsd(limit.reserved),
          },
    token: { token_id: caller.tokenId, scopes: [...caller.scopes] },
  };
}

/** `GET /api/account/usage`: the figures of the overview. */
export async function getUsage(
  { db, now }: Dependencies,
  { ctx, caller }: ApiCall,
): Promise<Specified['UsageOfMonth']> {
  const { accountId, timeZone } = caller;
  const month = queryText(ctx, 'month') || dayOf(now(), timeZone).slice(0, 7);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw new Denied({ reason: 'api_value_invalid', member: 'month', rule: 'must be a year and a month: 2026-11' });
  const usage = await summarizeUsage(db, { accountId, month: `${month}-01` });
  return {
    month,
    time_zone: timeZone,
    total: describeSum(usage.total),
    apps: usage.byClient.map(({ clientId, clientName, ...sum }) => ({
      app_id: deriveAppId(clientId),
      client_id: clientId,
      name: clientName,
      ...describeSum(sum),
    })),
    models: usage.byModel.map(({ upstream, model, ...sum }) => ({ upstream, model, ...describeSum(sum) })),
    days: usage.byDay.map(({ day, ...sum }) => ({ day, ...describeSum(sum) })),
  };
}

/** `GET /api/account/provider-keys`. The keys themselves are sealed, so this server cannot read them. */
export async function getProviderKeys(
  { db }: Dependencies,
  { caller }: ApiCall,
): Promise<Specified['ProviderKeyList']> {
  const keys = await listProviderKeys(db, caller.accountId);
  return {
    provider_keys: keys.map(({ upstream, host, lastFour, createdAt, lastUsedAt, refused }) => ({
      upstream,
      host,
      last_four: lastFour,
      created_at: createdAt.toISOString(),
      last_used_at: timeOrNull(lastUsedAt),
      refused: refused === undefined ? null : { at: refused.at.toISOString(), reason: refused.reason },
    })),
  };
}

/** `GET /api/account/identities` */
export async function getIdentities({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['IdentityList']> {
  const identities = await listIdentities(db, caller.accountId);
  return { identities: [...identities].map(([issuer, email]) => ({ issuer, email: orNull(email) })) };
}
