import type { Upstream } from '@aipassport/policy';
import {
  findAccountLimit,
  findConsentDefaults,
  listProviderKeys,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { renderConsentPage } from '../pages/consent-page.js';
import type { Problem } from '../pages/parts.js';
import type { ConsentFields } from './consent-fields.js';
import { considerChoice } from './consider-choice.js';
import { listAmounts, proposeFields } from './propose-fields.js';
import { proposeUpdate, showUpdate } from './show-update.js';
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
  { consent, owner, view }: ShownConsent,
): Promise<void> {
  requireSameAccount(consent, owner);
  const { request, changed } = consent;
  if (view !== undefined) ctx.status = view.problems.length > 0 ? 422 : 200;
  const now = deps.now();
  if (changed?.action === 'update') {
    const update = view ?? { fields: proposeUpdate(request, changed.grant, now), problems: [] };
    return showUpdate(deps, ctx, { ...consent, changed }, { owner, ...update });
  }
  const defaults = await findConsentDefaults(deps.db, owner.accountId);
  const proposed = proposeFields(deps.configuration, request, defaults);
  const { fields, problems } = view ?? { fields: proposed, problems: [] };
  const shown = await describeShownRequest(deps, ctx, consent, owner);
  const nothingUnclear = { spending: false, end: false };
  const considered = considerChoice(consent, owner, { fields, unclear: nothingUnclear, shownAt: now, now });
  ctx.state.runsScript = true;
  ctx.type = 'html';
  ctx.body = renderConsentPage({
    ...shown,
    script: deps.scripts.consent,
    summaryAction: consent.summaryAction,
    fields,
    problems,
    request,
    summary: summarizeChoice(deps, { consent, owner, fields, considered, shownAt: now, appName: shown.appName }),
    amounts: listAmounts(request.limits.maxCost, [
      proposed.spending,
      fields.spending === 'other' ? undefined : fields.limits.maxCost,
    ]),
    replaced: changed?.grant,
    lifetimes: listLifetimes(request.lifetimeSeconds, ctx.state.texts, defaults.lifetimeSeconds),
    days: listDays(request.lifetimeSeconds, owner.timeZone, now),
    ...(await describeAccount(deps, owner)),
  });
}

export interface ShownConsent {
  readonly consent: ConsentRequest;
  readonly owner: OwnerSession;
  /** Set when the form is shown again. */
  readonly view?: ConsentView;
}

/** The limit and the keys of the owner's account. */
async function describeAccount({ db, configuration }: Dependencies, { accountId }: OwnerSession) {
  const accountLimit = await findAccountLimit(db, accountId);
  const keys = await listProviderKeys(db, accountId);
  const { simulatedUpstream, operatorKeysFor, models } = configuration;
  const served = [...operatorKeysFor, ...keys.map(({ upstream }) => upstream)];
  return {
    accountLimit,
    /** The AI providers for which there is a provider key. If answers are simulated, all AI providers. */
    servedUpstreams: simulatedUpstream ? models.upstreams.entries.map(({ name }): Upstream => name) : served,
    isSimulated: simulatedUpstream && served.length === 0,
  };
}
