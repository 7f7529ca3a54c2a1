import {
  findAccountLimit,
  findConsentDefaults,
  findOtherAppsCost,
  listOpenRequests,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { renderConsentPage } from '../pages/consent-page.js';
import type { Problem } from '../pages/parts.js';
import { checkChoice } from './check-choice.js';
import type { ConsentFields } from './consent-fields.js';
import { findExisting } from './find-existing.js';
import { findDraft } from './keep-draft.js';
import { offer } from './list-offered.js';
import { proposeAgain } from './propose-again.js';
import { listAmounts, proposeFields } from './propose-fields.js';
import { showUpdate } from './show-update.js';
import { describeShownRequest, requireSameAccount } from './shown-request.js';
import { summarizeChoice } from './summarize-choice.js';

export interface ConsentView {
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

/**
 * Shows the page on which the owner decides. After a problem it is shown again, with the owner's choices and the
 * problems.
 */
export async function showConsent(
  deps: Dependencies,
  ctx: Context,
  { consent, owner, view: given }: ShownConsent,
): Promise<void> {
  requireSameAccount(consent, owner);
  const { request, changed } = consent;
  if (given !== undefined && given.problems.length > 0) markRefused(ctx, 'form_invalid');
  const view = given ?? (await findDraftView(deps, consent, owner));
  const now = deps.now();
  if (changed?.action === 'update') {
    return showUpdate(deps, ctx, { ...consent, changed }, { owner, view });
  }
  const { proposed, fields, existing, lifetimes } = await fillIn(deps, ctx, { consent, owner, ...(view && { view }) });
  const shown = await describeShownRequest(deps, ctx, consent, owner);
  const considered = checkChoice(consent, owner, { fields, isSpendingUnclear: false, shownAt: now, now });
  const { appName, keyStates } = shown;
  const { upstreams } = deps.configuration.models;
  const offered = offer(consent, { keyStates, upstreams, tickedTokens: fields.tickedTokens });
  ctx.type = 'html';
  ctx.body = renderConsentPage({
    ...shown,
    fields,
    problems: view?.problems ?? [],
    request,
    summary: summarizeChoice(deps, { consent: offered, owner, existing, fields, considered, shownAt: now, appName }),
    amounts: listAmounts(request.limits.maxCost, [
      proposed.spending,
      fields.spending === 'other' ? undefined : fields.limits.maxCost,
    ]),
    replaced: changed?.grant,
    existing,
    open: await listOpenRequests(deps.db, owner.accountId),
    wantsAnother: consent.wantsAnother,
    now,
    lifetimes,
    days: listDays(request.lifetimeSeconds, owner.timeZone, now),
    accountLimit: await findAccountLimit(deps.db, owner.accountId),
    otherApps: await findOtherAppsCost(deps.db, { accountId: owner.accountId, clientId: consent.clientId }),
  });
}

/**
 * The values to fill in: the owner's own, if the form is shown again. Otherwise they are proposed, from the request and
 * from the access that the app has already.
 */
async function fillIn(deps: Dependencies, ctx: Context, { consent, owner, view }: ShownConsent) {
  const { request } = consent;
  const { configuration } = deps;
  const defaults = await findConsentDefaults(deps.db, owner.accountId);
  const lifetimes = listLifetimes(request.lifetimeSeconds, ctx.state.texts, defaults.lifetimeSeconds);
  const existing = await findExisting(deps, consent, owner);
  const firstTime = proposeFields(configuration, request, defaults);
  const proposed = existing === undefined ? firstTime : proposeAgain(firstTime, consent, { existing, lifetimes });
  // The form has no such choice if the app had no access when the page was shown.
  const existingAccess = existing && (view?.fields.existingAccess ?? proposed.existingAccess);
  return { proposed, fields: { ...(view?.fields ?? proposed), existingAccess }, existing, lifetimes };
}

export interface ShownConsent {
  readonly consent: ConsentRequest;
  readonly owner: OwnerSession;
  /** Set when the form is shown again. */
  readonly view?: ConsentView;
}

async function findDraftView(
  deps: Dependencies,
  consent: ConsentRequest,
  owner: OwnerSession,
): Promise<ConsentView | undefined> {
  const fields = await findDraft(deps, consent, owner);
  return fields && { fields, problems: [] };
}
