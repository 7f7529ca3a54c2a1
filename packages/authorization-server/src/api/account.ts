import { dayOf, firstOfMonth, formatDecimalUsd, parseUsd } from '@aipassport/policy';
import {
  type AccountLimit,
  type ConsentDefaults,
  type ConsentDefaultsChange,
  findAccountLimit,
  findAuthenticatorApp,
  findConsentDefaults,
  listIdentities,
  listPasskeys,
  lockAccount,
  setAccountLimit,
  summarizeRecoveryCodes,
  summarizeUsage,
  updateConsentDefaults,
  updateLanguage,
} from '@aipassport/store/authorization';
import { isAllowedAccountLimit } from '../account/account-limit.js';
import { deriveAppId } from '../account/app-id.js';
import { isAllowedDefault } from '../account/default-texts.js';
import { Denied, type WrongMember } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { describeMalformedLimit } from '../limits/describe-limit.js';
import { isPrefillRaised } from '../limits/prefill-bounds.js';
import { isLanguage, languages } from '../texts/language.js';
import type { ApiCall, Specified } from './api-call.js';
import { apiTexts } from './api-texts.js';
import { type Draft, readDraft } from './bodies.js';
import { requireNoneWrong } from './refusals.js';
import { describeSum, orNull, readMonth, timeOrNull, usdOrNull } from './values.js';

/** `GET /api/account` */
export async function getAccount({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['ApiAccount']> {
  const limit = await findAccountLimit(db, caller.accountId);
  const defaults = await findConsentDefaults(db, caller.accountId);
  return {
    account_id: caller.accountId,
    email: caller.email,
    created_at: caller.createdAt.toISOString(),
    time_zone: caller.timeZone,
    language: orNull(caller.language),
    is_operator: caller.isOperator,
    limit: describeOverallLimit(limit),
    defaults: describeDefaults(defaults),
    sign_in: {
      has_authenticator: (await findAuthenticatorApp(db, caller.accountId))?.confirmedAt !== undefined,
      recovery_codes: (await summarizeRecoveryCodes(db, caller.accountId)).left,
    },
    token: { token_id: caller.tokenId, scopes: [...caller.scopes] },
  };
}

export function describeOverallLimit(limit: AccountLimit | undefined): Specified['OverallLimit'] | null {
  if (limit === undefined) return null;
  return {
    max_cost_usd_per_month: formatDecimalUsd(limit.maxCostPerMonth),
    used_usd: formatDecimalUsd(limit.monthCost - limit.reserved),
    held_usd: formatDecimalUsd(limit.reserved),
  };
}

function describeDefaults({ maxCost, lifetimeSeconds }: ConsentDefaults): Specified['ConsentDefaults'] {
  return { max_cost_usd: usdOrNull(maxCost), lifetime_seconds: orNull(lifetimeSeconds) };
}

/** `PATCH /api/account`. If a part of the change is refused, nothing is changed. */
export async function changeAccount(deps: Dependencies, call: ApiCall): Promise<Specified['ApiAccount']> {
  const { ctx, caller } = call;
  const { limit, language, defaults } = readChange(await readDraft(deps, ctx, 'AccountChange'));
  await deps.db.transaction().execute(async (transaction) => {
    const inTransaction = { ...deps, db: transaction };
    await lockAccount(transaction, caller.accountId);
    if (limit !== undefined) await lowerAccountLimit(inTransaction, call, limit);
    if (defaults !== undefined) await lowerDefaults(inTransaction, call, defaults);
    if (language !== undefined) await updateLanguage(transaction, caller.accountId, language ?? undefined);
  });
  return getAccount(deps, {
    ...call,
    caller: { ...caller, language: language === undefined ? caller.language : (language ?? undefined) },
  });
}

/**
 * Reads what the program wants to change. Undefined members stay unchanged.
 * @throws Denied with everything that is wrong
 */
function readChange({ sent, wrong }: Draft<Specified['AccountChange']>) {
  const { language, defaults, max_cost_usd_per_month: limitText } = sent;
  const { max_cost_usd: costText, lifetime_seconds: lifetimeSeconds } = defaults ?? {};
  const limit = limitText === undefined ? undefined : parseUsd(limitText);
  const maxCost = typeof costText === 'string' ? parseUsd(costText) : costText;
  const isLimit = limitText === undefined || (limit !== undefined && isAllowedAccountLimit(limit));
  const isDefault = typeof costText !== 'string' || (typeof maxCost === 'bigint' && isAllowedDefault(maxCost));
  const isKnown = language === undefined || language === null || isLanguage(language);
  requireNoneWrong(wrong, [
    ...(isLimit ? [] : [describeWrongAmount('max_cost_usd_per_month', 'maxCostPerMonth')]),
    ...(isDefault ? [] : [describeWrongAmount('defaults.max_cost_usd', 'maxCost')]),
    ...(isKnown ? [] : [{ member: 'language', rule: `must be one of ${languages.join(', ')}, or null` }]),
  ]);
  return { limit, language: isKnown ? language : undefined, defaults: defaults && { maxCost, lifetimeSeconds } };
}

function describeWrongAmount(member: string, kind: 'maxCost' | 'maxCostPerMonth'): WrongMember {
  return { member, rule: apiTexts.say(describeMalformedLimit(kind).message) };
}

async function lowerAccountLimit(
  { db, configuration }: Dependencies,
  { caller }: ApiCall,
  maxCostPerMonth: bigint,
): Promise<void> {
  const { accountId, tokenId: apiToken } = caller;
  if (await setAccountLimit(db, { accountId, maxCostPerMonth, mayRaise: false, apiToken })) return;
  throw raiseRefused(configuration);
}

async function lowerDefaults(
  { db, configuration }: Dependencies,
  { caller: { accountId, tokenId: apiToken } }: ApiCall,
  change: ConsentDefaultsChange,
): Promise<void> {
  const before = await findConsentDefaults(db, accountId);
  await updateConsentDefaults(db, accountId, { ...change, apiToken });
  const after = await findConsentDefaults(db, accountId);
  // The exception rolls the change back.
  if (isPrefillRaised(configuration.suggestedLimits, before, after)) throw raiseRefused(configuration);
}

function raiseRefused({ issuer }: Dependencies['configuration']): Denied {
  return new Denied({ reason: 'api_raise_refused', see: `${issuer}${paths.settings}` });
}

/** `GET /api/account/usage`: what the account spent in one month, by app, by model and by day. */
export async function getUsage(
  { db, now }: Dependencies,
  { ctx, caller }: ApiCall,
): Promise<Specified['UsageOfMonth']> {
  const { accountId, timeZone } = caller;
  const month = readMonth(ctx, dayOf(now(), timeZone));
  const usage = await summarizeUsage(db, { accountId, month: firstOfMonth(month) });
  return {
    month,
    time_zone: timeZone,
    total: describeSum(usage.total),
    simulated: describeSum(usage.simulated),
    apps: usage.byClient.map(({ clientId, client, ...sum }) => ({
      app_id: deriveAppId(clientId),
      client_id: clientId,
      name: client?.clientName ?? clientId,
      ...describeSum(sum),
    })),
    models: usage.byModel.map(({ upstream, model, ...sum }) => ({ upstream, model, ...describeSum(sum) })),
    days: usage.byDay.map(({ day, ...sum }) => ({ day, ...describeSum(sum) })),
  };
}

/** `GET /api/account/identities` */
export async function getIdentities({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['IdentityList']> {
  const identities = await listIdentities(db, caller.accountId);
  return { identities: [...identities].map(([issuer, { email }]) => ({ issuer, email: orNull(email) })) };
}

/** `GET /api/account/passkeys` */
export async function getPasskeys({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['PasskeyList']> {
  const passkeys = await listPasskeys(db, caller.accountId);
  return {
    passkeys: passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({
      passkey_id: id,
      name,
      created_at: createdAt.toISOString(),
      last_used_at: timeOrNull(lastUsedAt),
    })),
  };
}
