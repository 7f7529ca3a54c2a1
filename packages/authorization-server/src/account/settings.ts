import {
  findAccountLimit,
  findConsentDefaults,
  findMailSettings,
  type OwnerSession,
  updateLanguage,
  updateTimeZone,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { usualAmount } from '../limits/suggested-limits.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import type { SettingsForm } from '../pages/settings-defaults.js';
import { renderSettingsPage } from '../pages/settings-page.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { isLanguage } from '../texts/language.js';
import { type FixedId, message } from '../texts/texts.js';
import { writeLimit } from './account-limit.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { type DefaultTexts, formatDefaults } from './default-texts.js';
import { type Notices, readNotice } from './read-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { sendsMail } from './send-address-link.js';
import { isOutOfDate, outOfDateAt } from './shown-values.js';
import { seeOther } from './sign-in.js';
import { isTimeZone, timeZoneRegions } from './time-zones.js';

export const settingsPurpose = 'settings';

const notices: Notices = {
  limit: 'settings.limitSaved',
  defaults: 'settings.defaultsSaved',
  'defaults-cleared': 'settings.defaultsCleared',
  'time-zone': 'settings.timeZoneSaved',
  language: 'settings.languageSaved',
};

/** `GET /account/settings` */
export async function showSettings(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.settings);
  if (owner === undefined) return;
  await renderSettings(deps, ctx, { owner, notice: readNotice(ctx, notices), problems: [] });
}

/**
 * `POST /account/settings/time-zone`. Requires a recent sign-in (see `confirmSignIn`), because a change can make a
 * daily or monthly limit begin again early: the next day may have begun in the new time zone.
 */
export async function submitTimeZone(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.settings, purpose: settingsPurpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  if (isOutOfDate(form, owner.timeZone))
    return showCurrent(deps, ctx, { owner, problem: outOfDateAt('time_zone', 'settings.timeZoneTitle') });
  const timeZone = fieldText(form, 'time_zone');
  const isKnown = findInvalidFields(deps.forms.timeZone, form).length === 0 && isTimeZone(timeZone);
  const question = 'password.toChangeTimeZone';
  const problem = isKnown ? await confirmSignIn(deps, ctx, { owner, question }) : unknownTimeZone;
  if (problem === undefined && (await updateTimeZone(deps.db, owner.accountId, timeZone)))
    return seeOther(ctx, `${paths.settings}?done=time-zone`);
  markRefused(ctx, 'form_invalid');
  const shown = isKnown ? { timeZone, confirms: 'time-zone' as const } : {};
  await renderSettings(deps, ctx, { owner, ...shown, notice: undefined, problems: [problem ?? unknownTimeZone] });
}

/** `POST /account/settings/language` */
export async function submitLanguage(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.settings, purpose: settingsPurpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  if (isOutOfDate(form, owner.language ?? ''))
    return showCurrent(deps, ctx, { owner, problem: outOfDateAt('language', 'settings.languageTitle') });
  const language = fieldText(form, 'language');
  const isWellFormed = findInvalidFields(deps.forms.language, form).length === 0;
  if (isWellFormed && (language === '' || isLanguage(language))) {
    await updateLanguage(deps.db, owner.accountId, language || undefined);
    return seeOther(ctx, `${paths.settings}?done=language`);
  }
  markRefused(ctx, 'form_invalid');
  const problems = [{ field: 'language', message: message('settings.languageUnknown') }];
  await renderSettings(deps, ctx, { owner, notice: undefined, problems });
}

/** Shows the page with the current values, because the setting was changed after the page was shown. */
async function showCurrent(
  deps: Dependencies,
  ctx: Context,
  { owner, problem }: { readonly owner: OwnerSession; readonly problem: Problem },
): Promise<void> {
  markRefused(ctx, 'form_invalid');
  await renderSettings(deps, ctx, { owner, notice: undefined, problems: [problem] });
}

const unknownTimeZone: Problem = { field: 'time_zone', message: message('settings.timeZoneUnknown') };

export interface SettingsView {
  readonly owner: OwnerSession;
  /** The text that was sent, when the form is shown again. */
  readonly limitText?: string;
  readonly acceptsNoLimit?: boolean;
  /** The defaults that were typed, when the form is shown again. */
  readonly defaults?: DefaultTexts;
  /** The time zone that was chosen, when the form is shown again. */
  readonly timeZone?: string;
  /** The form that asks for the password. */
  readonly confirms?: SettingsForm;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export async function renderSettings(
  deps: Dependencies,
  ctx: Context,
  { owner, ...view }: SettingsView,
): Promise<void> {
  const accountLimit = await findAccountLimit(deps.db, owner.accountId);
  const currentLimit = writeLimit(accountLimit);
  const defaults = formatDefaults(await findConsentDefaults(deps.db, owner.accountId));
  ctx.type = 'html';
  ctx.body = renderSettingsPage({
    limitText: currentLimit,
    acceptsNoLimit: false,
    timeZone: owner.timeZone,
    defaults,
    usualAmount: usualAmount(deps.configuration.suggestedLimits),
    current: { limit: currentLimit, defaults, timeZone: owner.timeZone },
    confirms: undefined,
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, settingsPurpose),
    language: owner.language,
    regions: timeZoneRegions,
    accountLimit,
    isEmailConfirmed: sendsMail(deps) ? (await findMailSettings(deps.db, owner.accountId)).isConfirmed : undefined,
  });
}
