import { lifetimeBounds, limitTable } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { findConsentDefaults, updateConsentDefaults } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { describeMalformedLimit } from '../limits/describe-limit.js';
import { parseAmountText, trimLimitTexts } from '../limits/limit-texts.js';
import { isPrefillRaised } from '../limits/prefill-bounds.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { formatDefaults, isAllowedDefault } from './default-texts.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { renderSettings, type SettingsView, settingsPurpose } from './settings.js';
import { changeIfAsShown, isOutOfDate, outOfDateAt } from './shown-values.js';

const amountField = limitTable.maxCost.member;
const lifetimeField = 'lifetime_seconds';
const defaultsOutOfDate = outOfDateAt(amountField, 'settings.defaultsTitle');

/**
 * `POST /account/settings/defaults`: sets the defaults that are filled in when an app asks for access. An empty field
 * clears its default. Raising a default requires a recent sign-in (see `confirmSignIn`), because an owner who allows an
 * app without reading the page allows the defaults.
 */
export async function submitConsentDefaults(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, {
    returnTo: paths.settings,
    purpose: settingsPurpose,
    act: 'settings.defaultsTitle',
  });
  if (sent === undefined) return;
  const { owner } = sent;
  const { accountId } = owner;
  const { suggestedLimits } = deps.configuration;
  const form = trimLimitTexts(sent.form);
  const refuse = (problems: readonly Problem[], view: Pick<SettingsView, 'defaults' | 'confirms'> = {}) => {
    markRefused(ctx, 'form_invalid');
    return renderSettings(deps, ctx, { owner, ...view, notice: undefined, problems });
  };
  const read = async (db: Database) => formatDefaults(await findConsentDefaults(db, accountId));
  const current = await findConsentDefaults(deps.db, accountId);
  if (isOutOfDate(form, formatDefaults(current))) return refuse([defaultsOutOfDate]);
  const typed = { maxCost: fieldText(form, amountField), lifetimeSeconds: fieldText(form, lifetimeField) };
  const problems = listProblems(form, findInvalidFields(deps.forms.consentDefaults, form));
  if (problems.length > 0) return refuse(problems, { defaults: typed });
  const maxCost = parseAmountText(typed.maxCost);
  const lifetimeSeconds = typed.lifetimeSeconds === '' ? undefined : Number(typed.lifetimeSeconds);
  if (isPrefillRaised(suggestedLimits, current, { maxCost, lifetimeSeconds })) {
    const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'password.toRaiseDefaults' });
    if (unconfirmed !== undefined) return refuse([unconfirmed], { defaults: typed, confirms: 'defaults' });
  }
  const change = async (transaction: Database) => {
    const defaults = { maxCost: maxCost ?? null, lifetimeSeconds: lifetimeSeconds ?? null };
    await updateConsentDefaults(transaction, accountId, defaults);
    return maxCost === undefined && lifetimeSeconds === undefined ? 'defaults-cleared' : 'defaults';
  };
  const done = await changeIfAsShown(deps.db, { accountId, form, read, change });
  if (done === undefined) return refuse([defaultsOutOfDate]);
  redirectWithNotice(deps, ctx, { path: paths.settings, done });
}

function listProblems(form: Form, invalid: readonly string[]): readonly Problem[] {
  const maxCost = parseAmountText(fieldText(form, amountField));
  const isAmountWrong = invalid.includes(amountField) || (maxCost !== undefined && !isAllowedDefault(maxCost));
  const lifetime = fieldText(form, lifetimeField);
  const isLifetimeWrong =
    invalid.some((field) => field !== amountField) || (lifetime !== '' && !isAllowedLifetime(Number(lifetime)));
  return [
    ...(isAmountWrong ? [describeMalformedLimit('maxCost')] : []),
    ...(isLifetimeWrong ? [{ field: lifetimeField, message: message('settings.lifetimeUnknown') }] : []),
  ];
}

function isAllowedLifetime(seconds: number): boolean {
  return seconds >= lifetimeBounds.minSeconds && seconds <= lifetimeBounds.maxSeconds;
}
