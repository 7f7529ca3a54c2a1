import { defaultLifetimeSeconds, mapLimitKinds, type Upstream } from '@aipassport/policy';
import { findAccountLimit, listProviderKeys, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { type ConsentFields, renderConsentPage } from '../pages/consent-page.js';
import type { Problem } from '../pages/parts.js';
import { proposeUpdate, showUpdate } from './show-update.js';
import { describeShownRequest, requireSameAccount } from './shown-request.js';

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
  consent: ConsentRequest,
  owner: OwnerSession,
  view: ConsentView = { fields: proposeFields(deps, consent), problems: [] },
): Promise<void> {
  requireSameAccount(consent, owner);
  if (consent.changed?.action === 'update')
    return showUpdate(deps, ctx, { ...consent, changed: consent.changed }, { owner, ...view });
  const { request } = consent;
  const shown = await describeShownRequest(deps, ctx, consent, owner);
  ctx.type = 'html';
  ctx.body = renderConsentPage({
    ...view,
    ...shown,
    request,
    replaced: consent.changed?.grant,
    lifetimes: listLifetimes(request.lifetimeSeconds, ctx.state.texts),
    days: listDays(request.lifetimeSeconds, owner.timeZone, deps.now()),
    servedUpstreams: await listServedUpstreams(deps, owner),
    accountLimit: await findAccountLimit(deps.db, owner.accountId),
  });
}

/** The AI providers for which there is a provider key. If answers are simulated, all AI providers. */
async function listServedUpstreams(
  { db, configuration }: Dependencies,
  { accountId }: OwnerSession,
): Promise<readonly Upstream[]> {
  if (configuration.simulatedUpstream) return configuration.models.upstreams.entries.map(({ name }) => name);
  const keys = await listProviderKeys(db, accountId);
  return [...configuration.operatorKeysFor, ...keys.map(({ upstream }) => upstream)];
}

/**
 * The values that the client asked for. If it asked for no limit, the operator's suggestion is used. If it asked for no
 * lifetime, the shortest one that is offered is used.
 */
function proposeFields(
  { configuration, now }: Pick<Dependencies, 'configuration' | 'now'>,
  { request, changed }: ConsentRequest,
): ConsentFields {
  if (changed?.action === 'update') return proposeUpdate(request, changed.grant, now());
  const { tokens, choosable, limits, lifetimeSeconds } = request;
  const asked = formatLimitTexts(limits);
  const ours = formatLimitTexts(configuration.suggestedLimits);
  return {
    // The owner chooses the models. Chat is ticked because nearly every app needs it.
    tickedTokens: [...tokens, ...choosable.filter(({ text }) => text === 'cap:chat')].map(({ text }) => text),
    limits: mapLimitKinds((kind) => asked[kind] || ours[kind]),
    expiresIn: String(lifetimeSeconds ?? defaultLifetimeSeconds),
    expiresOn: '',
  };
}
