import { findIncrease, type Increase, mapLimitKinds } from '@aipassport/policy';
import {
  findAccountLimit,
  findConsentDefaults,
  listOpenRequests,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import { addSeconds } from '../limits/read-expiry.js';
import type { ChangedGrant, ConsentRequest } from '../oidc/interactions.js';
import type { Problem } from '../pages/problem.js';
import { renderUpdatePage } from '../pages/update-page.js';
import { checkChoice } from './check-choice.js';
import type { ConsentFields } from './consent-fields.js';
import { unchangedEnd } from './decide-update.js';
import { proposeUpdate } from './propose-update.js';
import { describeShownRequest } from './shown-request.js';
import { summarizeChoice } from './summarize-choice.js';

type UpdateRequest = ConsentRequest & { readonly changed: ChangedGrant };

interface UpdateView {
  readonly owner: OwnerSession;
  /** The owner's choices; undefined when the page is shown for the first time. */
  readonly view: { readonly fields: ConsentFields; readonly problems: readonly Problem[] } | undefined;
}

/** Shows the page on which the owner decides about an update. The page shows the difference from the present grant. */
export async function showUpdate(
  deps: Dependencies,
  ctx: Context,
  update: UpdateRequest,
  { owner, view }: UpdateView,
): Promise<void> {
  const { grant } = update.changed;
  const now = deps.now();
  const { timeZone } = owner;
  const { texts } = ctx.state;
  const increase = findIncrease(update.request, grant, now);
  const { lifetimeSeconds } = increase;
  const defaults = await findConsentDefaults(deps.db, owner.accountId);
  const proposed = () => proposeUpdate(deps.configuration, { increase, grant, defaults, timeZone, now });
  const fields = pickShown(view?.fields ?? proposed(), increase);
  const shown = await describeShownRequest(deps, ctx, update, owner);
  const considered = checkChoice(update, owner, { fields, isSpendingUnclear: false, shownAt: now, now });
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
      ...listLifetimes(lifetimeSeconds, texts, defaults.lifetimeSeconds).filter(
        ({ value }) => addSeconds(now, Number(value)) > grant.expiresAt,
      ),
    ],
    days: listDays(lifetimeSeconds, timeZone, now),
    now,
    fields,
    problems: view?.problems ?? [],
    accountLimit: await findAccountLimit(deps.db, owner.accountId),
  });
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
