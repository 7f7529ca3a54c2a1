import { findIncrease, type Increase, mapLimitKinds } from '@aipassport/policy';
import { type Grant, listOpenRequests, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import { addSeconds } from '../limits/read-expiry.js';
import type { ChangedGrant, ConsentRequest } from '../oidc/interactions.js';
import type { Problem } from '../pages/parts.js';
import { renderUpdatePage } from '../pages/update-page.js';
import type { ConsentFields } from './consent-fields.js';
import { considerChoice } from './consider-choice.js';
import { unchangedEnd } from './decide-update.js';
import { describeShownRequest } from './shown-request.js';
import { summarizeChoice } from './summarize-choice.js';

type UpdateRequest = ConsentRequest & { readonly changed: ChangedGrant };

interface UpdateView {
  readonly owner: OwnerSession;
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

/** Shows the page on which the owner decides about an update. The page shows the difference from the present grant. */
export async function showUpdate(
  deps: Dependencies,
  ctx: Context,
  update: UpdateRequest,
  { owner, fields: given, problems }: UpdateView,
): Promise<void> {
  const { grant } = update.changed;
  const now = deps.now();
  const { timeZone } = owner;
  const { texts } = ctx.state;
  const increase = findIncrease(update.request, grant, now);
  const { lifetimeSeconds } = increase;
  const fields = pickShown(given, increase);
  const shown = await describeShownRequest(deps, ctx, update, owner);
  const considered = considerChoice(update, owner, { fields, isSpendingUnclear: false, shownAt: now, now });
  const choice = { fields, considered, shownAt: now, appName: shown.appName };
  ctx.type = 'html';
  ctx.body = renderUpdatePage({
    ...shown,
    summary: summarizeChoice(deps, { consent: update, owner, existing: undefined, ...choice }),
    reason: update.request.reason,
    grant,
    open: await listOpenRequests(deps.db, owner.accountId),
    increase,
    lifetimes: [
      { value: unchangedEnd, text: texts('limits.keep', { time: texts.time(grant.expiresAt, timeZone) }) },
      ...listLifetimes(lifetimeSeconds, texts).filter(({ value }) => addSeconds(now, Number(value)) > grant.expiresAt),
    ],
    days: listDays(lifetimeSeconds, timeZone, now),
    now,
    fields,
    problems,
  });
}

/** The values that the form has at first: those that the client asked for. */
export function proposeUpdate(request: ConsentRequest['request'], grant: Grant, now: Date): ConsentFields {
  const { newTokens, limits, lifetimeSeconds } = findIncrease(request, grant, now);
  return {
    tickedTokens: newTokens.map(({ text }) => text),
    limits: formatLimitTexts(limits),
    expiresIn: lifetimeSeconds?.toString() ?? '',
    expiresOn: '',
    spending: undefined,
    acceptsNoLimit: false,
    existingAccess: undefined,
    remembers: false,
  };
}

/**
 * Keeps only the values that the page has fields for. The form cannot send the others, so the summary must not count
 * them.
 */
function pickShown(fields: ConsentFields, { newTokens, raised, lifetimeSeconds }: Increase): ConsentFields {
  return {
    ...fields,
    tickedTokens: fields.tickedTokens.filter((ticked) => newTokens.some(({ text }) => text === ticked)),
    limits: mapLimitKinds((kind) => (raised.includes(kind) ? fields.limits[kind] : '')),
    expiresIn: lifetimeSeconds === undefined ? '' : fields.expiresIn,
  };
}
