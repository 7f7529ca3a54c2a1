import { limitTable } from '@aipassport/policy';
import { findAccountLimit, type OwnerSession, setAccountLimit, updateTimeZone } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { describeMalformedLimit } from '../limits/describe-limit.js';
import { formatAmountText, parseAmountText, trimLimitTexts } from '../limits/limit-texts.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { renderSettingsPage } from '../pages/settings-page.js';
import { fieldText, findInvalidFields, readForm } from '../read-form.js';
import {
  describeSignedIn,
  isRecentlyAuthenticated,
  requireOwner,
  requireRecentOwner,
  signInAgain,
} from './require-owner.js';
import { signInPath } from './return-to.js';
import { queryText, seeOther } from './sign-in.js';
import { isTimeZone, timeZoneRegions } from './time-zones.js';

const purpose = 'settings';

const notices: Readonly<Record<string, string>> = {
  limit: 'Changed. The new limit applies from the next request on.',
  'time-zone': 'Changed. Days and months begin there from now on.',
};

/** `GET /account/settings` */
export async function showSettings(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.settings);
  if (owner === undefined) return;
  await renderSettings(deps, ctx, { owner, notice: notices[queryText(ctx, 'done')], problems: [] });
}

/**
 * `POST /account/settings/limit`: sets the limit on what all grants together may cost in a month. Raising or removing
 * it requires a recent sign-in.
 */
export async function submitAccountLimit(deps: Dependencies, ctx: Context): Promise<void> {
  const form = trimLimitTexts(readForm(ctx));
  const owner = await requireOwner(deps, ctx, paths.settings);
  if (owner === undefined) return;
  requireFormToken(deps, ctx, form, purpose);
  const limitText = fieldText(form, limitTable.maxCostPerMonth.member);
  const isWellFormed = findInvalidFields(deps.forms.accountLimit, form).length === 0;
  const maxCostPerMonth = parseAmountText(limitText);
  const isInBounds = maxCostPerMonth === undefined || isAllowed(maxCostPerMonth);
  if (!isWellFormed || !isInBounds) {
    ctx.status = 422;
    const problems = [describeMalformedLimit('maxCostPerMonth')];
    return renderSettings(deps, ctx, { owner, limitText, notice: undefined, problems });
  }
  const mayRaise = isRecentlyAuthenticated(deps, owner);
  const isSet = await setAccountLimit(deps.db, { accountId: owner.accountId, maxCostPerMonth, mayRaise });
  if (isSet) seeOther(ctx, `${paths.settings}?done=limit`);
  else signInAgain(ctx, paths.settings);
}

function isAllowed(maxCostPerMonth: bigint): boolean {
  return maxCostPerMonth > 0n && maxCostPerMonth <= limitTable.maxCostPerMonth.max;
}

/**
 * `POST /account/settings/time-zone`. Requires a recent sign-in, because a change can start the day's budget again: the
 * next day may have begun in the new time zone.
 */
export async function submitTimeZone(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  const owner = await requireRecentOwner(deps, ctx, paths.settings);
  if (owner === undefined) return;
  requireFormToken(deps, ctx, form, purpose);
  const timeZone = fieldText(form, 'time_zone');
  const isKnown = findInvalidFields(deps.forms.timeZone, form).length === 0 && isTimeZone(timeZone);
  if (isKnown && (await updateTimeZone(deps.db, owner.accountId, timeZone)))
    return seeOther(ctx, `${paths.settings}?done=time-zone`);
  ctx.status = 422;
  const problems = [{ field: 'time_zone', message: 'Choose a time zone from the list.' }];
  await renderSettings(deps, ctx, { owner, notice: undefined, problems });
}

interface SettingsView {
  readonly owner: OwnerSession;
  /** The text that was sent, when the form is shown again. */
  readonly limitText?: string;
  readonly notice: string | undefined;
  readonly problems: readonly Problem[];
}

async function renderSettings(deps: Dependencies, ctx: Context, { owner, ...view }: SettingsView): Promise<void> {
  const accountLimit = await findAccountLimit(deps.db, owner.accountId);
  ctx.type = 'html';
  ctx.body = renderSettingsPage({
    limitText: accountLimit === undefined ? '' : formatAmountText(accountLimit.maxCostPerMonth),
    ...view,
    stylesheet: deps.stylesheet,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: owner.timeZone,
    regions: timeZoneRegions,
    accountLimit,
    signInAgainPath: isRecentlyAuthenticated(deps, owner) ? undefined : signInPath(paths.settings, { again: true }),
  });
}
