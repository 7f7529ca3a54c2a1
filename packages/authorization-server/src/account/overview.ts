import { dayOf, firstOfMonth, type Upstream } from '@aipassport/policy';
import {
  findAccountLimit,
  findMailSettings,
  type ListedGrant,
  listLiveGrants,
  listOpenRequests,
  listProviderKeys,
  type OwnerSession,
  summarizeRecoveryCodes,
  summarizeUsage,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { type KeyState, listAskedUpstreams, listKeyStates } from '../interaction/list-key-states.js';
import { isEndingSoon } from '../limits/is-ending-soon.js';
import { type BudgetView, findTightestBudget } from '../limits/tightest-budget.js';
import { type AppBudget, type NextStep, renderOverviewPage } from '../pages/overview-page.js';
import { findRelyingParty } from './passkey-ceremonies.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { sendsMail } from './send-confirmation-link.js';

/** `GET /account`: the overview. It shows this month's spending, the budgets, and the apps whose access ends soon. */
export async function showOverview(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.account);
  if (owner === undefined) return;
  const { accountId, timeZone } = owner;
  const now = deps.now();
  const today = dayOf(now, timeZone);
  const grants = await listLiveGrants(deps.db, accountId);
  const { simulatedUpstream, models } = deps.configuration;
  const hasKeys = (await listProviderKeys(deps.db, accountId)).length > 0;
  const keyStates = await listKeyStates(deps, owner);
  const hasServerKey = keyStates.some(({ kind }) => kind === 'server');
  ctx.type = 'html';
  ctx.body = renderOverviewPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'account'),
    timeZone,
    now,
    today,
    usage: await summarizeUsage(deps.db, { accountId, month: firstOfMonth(today) }),
    accountLimit: await findAccountLimit(deps.db, accountId),
    budgets: listBudgets(grants, { open: await listOpenRequests(deps.db, accountId), timeZone, now }),
    endingGrants: listEndingSoon(grants, now),
    hasApps: grants.length > 0,
    hasKeys,
    nextSteps: await listNextSteps(deps, owner, hasKeys || hasServerKey),
    keysOfOthers: hasServerKey ? 'operator' : simulatedUpstream ? 'simulated' : undefined,
    upstreams: models.upstreams,
    keyStates,
    warnedUpstreams: listWarned(grants, keyStates),
  });
}

/**
 * The AI providers about whose provider keys the page may warn. The page warns about a provider key that does not work
 * even if no app can use the AI provider now. It warns about a missing provider key only if an app can.
 */
function listWarned(grants: readonly ListedGrant[], keyStates: readonly KeyState[]): readonly Upstream[] {
  const used = grants.flatMap(({ tokens }) => listAskedUpstreams({ tokens, choosable: [] }));
  return [...used, ...keyStates.filter(({ kind }) => kind === 'own_refused').map(({ upstream }) => upstream)];
}

/** @param hasKey whether apps can use an AI provider already */
async function listNextSteps(
  deps: Dependencies,
  { accountId, hasPasskey, hasPassword }: OwnerSession,
  hasKey: boolean,
): Promise<readonly NextStep[]> {
  const { db, configuration } = deps;
  const takesPasskeys = findRelyingParty(configuration) !== undefined;
  const isConfirmed = !sendsMail(deps) || (await findMailSettings(db, accountId)).isConfirmed;
  const codes = await summarizeRecoveryCodes(db, accountId);
  return [
    ...(hasKey ? [] : (['key'] as const)),
    ...(isConfirmed ? [] : (['confirm_email'] as const)),
    ...(hasPassword || hasPasskey ? [] : (['password'] as const)),
    ...(hasPasskey || !takesPasskeys ? [] : (['passkey'] as const)),
    ...(codes.left > 0 && codes.areSaved ? [] : (['recovery_codes'] as const)),
  ];
}

function listEndingSoon(grants: readonly ListedGrant[], now: Date): readonly ListedGrant[] {
  return grants
    .filter((grant) => isEndingSoon(grant, now))
    .toSorted((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime());
}

/** For each grant with a spending limit, the one of which it has used the largest share. The largest share is first. */
function listBudgets(grants: readonly ListedGrant[], view: BudgetView): readonly AppBudget[] {
  return grants
    .flatMap((grant) => {
      const budget = findTightestBudget(grant, view);
      return budget === undefined ? [] : [{ grant, ...budget }];
    })
    .toSorted((a, b) => b.usedShare - a.usedShare);
}
