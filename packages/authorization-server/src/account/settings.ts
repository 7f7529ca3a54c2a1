import type { Database } from '@aipassport/store';
import {
  findAccount,
  findAccountLimit,
  findConsentDefaults,
  findLanguage,
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
import { formatLimit } from './account-limit.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { type DefaultTexts, formatDefaults } from './default-texts.js';
import { type Notices, takeFixedNotice } from './notices.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { sendsMail } from './send-confirmation-link.js';
import { changeIfAsShown, isOutOfDate, outOfDateAt } from './shown-values.js';
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
  await renderSettings(deps, ctx, { owner, notice: takeFixedNotice(deps, ctx, notices), problems: [] });
}

/**
 * `POST /account/settings/time-zone`. Requires a recent sign-in (see `confirmSignIn`), because a change can make a
 * daily or monthly limit begin again early: the next day may have begun in the new time zone.
 */
export async function submitTimeZone(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, {
    returnTo: paths.settings,
    purpose: settingsPurpose,
    act: 'settings.timeZoneTitle',
  });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const { accountId } = owner;
  const read = async (db: Database) => (await findAccount(db, accountId))?.timeZone ?? owner.timeZone;
  const refuse = (problem: Problem, view: Partial<SettingsView> = {}) => {
    markRefused(ctx, 'form_invalid');
    return renderSettings(deps, ctx, { owner, ...view, notice: undefined, problems: [problem] });
  };
  if (isOutOfDate(form, owner.timeZone)) return refuse(timeZoneOutOfDate);
  const timeZone = fieldText(form, 'time_zone');
  if (findInvalidFields(deps.forms.timeZone, form).length > 0 || !isTimeZone(timeZone)) return refuse(unknownTimeZone);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'password.toChangeTimeZone' });
  if (unconfirmed !== undefined) return refuse(unconfirmed, { timeZone, confirms: 'time-zone' });
  const change = (transaction: Database) => updateTimeZone(transaction, accountId, timeZone);
  const isSaved = await changeIfAsShown(deps.db, { accountId, form, read, change });
  if (isSaved === undefined) return refuse(timeZoneOutOfDate, { owner: { ...owner, timeZone: await read(deps.db) } });
  return isSaved ? redirectWithNotice(deps, ctx, { path: paths.settings, done: 'time-zone' }) : refuse(unknownTimeZone);
}

/** `POST /account/settings/language` */
export async function submitLanguage(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.settings, purpose: settingsPurpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const { accountId } = owner;
  const refuse = (problem: Problem, present = owner) => {
    markRefused(ctx, 'form_invalid');
    return renderSettings(deps, ctx, { owner: present, notice: undefined, problems: [problem] });
  };
  const language = fieldText(form, 'language');
  const isWellFormed = findInvalidFields(deps.forms.language, form).length === 0;
  if (!isWellFormed || (language !== '' && !isLanguage(language))) return refuse(unknownLanguage);
  const isSaved = await changeIfAsShown(deps.db, {
    accountId,
    form,
    read: async (transaction) => (await findLanguage(transaction, accountId)) ?? '',
    change: async (transaction) => {
      await updateLanguage(transaction, accountId, language || undefined);
      return true;
    },
  });
  if (isSaved) return redirectWithNotice(deps, ctx, { path: paths.settings, done: 'language' });
  return refuse(languageOutOfDate, { ...owner, language: await findLanguage(deps.db, accountId) });
}

const timeZoneOutOfDate = outOfDateAt('time_zone', 'settings.timeZoneTitle');
const languageOutOfDate = outOfDateAt('language', 'settings.languageTitle');
const unknownLanguage: Problem = { field: 'language', message: message('settings.languageUnknown') };
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
  const currentLimit = formatLimit(accountLimit);
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
