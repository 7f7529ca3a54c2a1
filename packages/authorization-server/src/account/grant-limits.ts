import { accountLimitName } from '@aipassport/contracts';
import { type LimitKind, limitTable } from '@aipassport/policy';
import { findAccountLimit, listOpenRequests, updateGrantLimits } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import { trimLimitTexts } from '../limits/limit-texts.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { type GrantLimitsFields, renderGrantLimitsPage } from '../pages/grant-limits-page.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, readForm } from '../read-form.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { findTightest } from './find-tightest.js';
import { getOwnGrant } from './grant.js';
import { takeForm } from './kept-form.js';
import {
  describeCurrentFields,
  describeShownGrant,
  findSingleLimit,
  type LiveGrant,
  readGrantChange,
  readGrantFields,
} from './read-grant-change.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { grantLimitsPath, limitField } from './return-to.js';
import { describeChangedTerms, listShownTerms } from './shown-terms.js';
import { isOutOfDate, outOfDate } from './shown-values.js';
import { queryText, seeOther } from './sign-in.js';
import { showAccountLimit } from './submit-account-limit.js';

const purpose = 'grant-limits';
const question = 'password.toRaise';

/**
 * `GET /account/grants/:grant_id/limits`. When the proxy refuses a request because the grant's requests or one of its
 * budgets are used up, its answer contains this URL, with the name of that limit. Then the page shows only that
 * limit. A request of a grant that a client made from another grant can be refused because of a limit of a grant above
 * it: see `findTightest`.
 */
export async function showGrantLimits(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const limit = queryText(ctx, limitField);
  const live = await requireLiveGrant(deps, ctx, { grantId, limit });
  if (live === undefined) return;
  const { grant } = live;
  if (limit === accountLimitName) return showAccountLimit(deps, ctx, live);
  const tightest = await findTightest(deps, live, limit);
  if (tightest !== grant.id) return seeOther(ctx, grantLimitsPath(tightest, limit));
  await renderLimits(deps, ctx, {
    ...live,
    only: findSingleLimit(limit, grant),
    fields: describeCurrentFields(grant),
    problems: [],
  });
}

/**
 * `POST /account/grants/:grant_id/limits`. Lowering a limit, or removing a model or a capability, needs no recent
 * sign-in. Raising a limit, or moving the end to a later time, requires a recent sign-in (see `confirmSignIn`), because
 * the browser may have been left open.
 */
export async function submitGrantLimits(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const sent = trimLimitTexts(readForm(ctx));
  const limit = fieldText(sent, limitField);
  const live = await requireLiveGrant(deps, ctx, { grantId, limit });
  if (live === undefined) return;
  const { owner, grant } = live;
  requireFormToken(deps, ctx, sent, purpose);
  const form = await takeForm(deps, ctx, { owner, form: sent, purpose, act: 'connected.changeTitle' });
  if (form === undefined) return;
  const only = findSingleLimit(limit, grant);
  const page = formatPath(paths.grant, grantId);
  const refuse = (problems: readonly Problem[], fields = readGrantFields(form)) => {
    markRefused(ctx, 'form_invalid');
    return renderLimits(deps, ctx, { ...live, only, fields, problems });
  };
  const isOld = isOutOfDate(form, describeShownGrant(grant));
  const wanted = readGrantChange(deps, live, form);
  // If the owner presses the button twice, the second form is out of date, but the limits that it asks for are set
  // already.
  if (isOld && wanted.kind !== 'unchanged') {
    const changed = describeChangedTerms(form, grant, owner.timeZone);
    return refuse([outOfDate, ...changed.map((one) => withoutLink(one, only))], describeCurrentFields(grant));
  }
  if (wanted.kind === 'invalid') return refuse(wanted.problems);
  if (wanted.kind === 'unchanged')
    return redirectWithNotice(deps, ctx, { path: page, done: isOld ? 'limits' : 'nothing' });
  const { change } = wanted;
  let isChanged = await updateGrantLimits(deps.db, { ...change, mayRaise: isRecentlyAuthenticated(deps, owner) });
  if (!isChanged) {
    const unconfirmed = await confirmSignIn(deps, ctx, { owner, question });
    if (unconfirmed !== undefined) return refuse([unconfirmed]);
    isChanged = await updateGrantLimits(deps.db, { ...change, mayRaise: true });
  }
  if (isChanged) return redirectWithNotice(deps, ctx, { path: page, done: 'limits' });
  // The grant has just ended, or another request has changed it. The grant's page shows that.
  seeOther(ctx, page);
}

/** On a page that shows a single limit, the other fields are hidden, so nothing can link to them. */
function withoutLink(problem: Problem, only: LimitKind | undefined): Problem {
  return only === undefined || problem.field === limitTable[only].member ? problem : { ...problem, field: undefined };
}

interface Asked {
  readonly grantId: string;
  /** The name of the only limit that the page shows; empty: the page shows all limits. */
  readonly limit: string;
}

/** @returns undefined when the browser has been redirected: to sign in, or to the page of a grant that has ended */
async function requireLiveGrant(
  deps: Dependencies,
  ctx: Context,
  { grantId, limit }: Asked,
): Promise<LiveGrant | undefined> {
  const owner = await requireOwner(deps, ctx, grantLimitsPath(grantId, limit));
  if (owner === undefined) return undefined;
  const grant = await getOwnGrant(deps, owner, grantId);
  if (grant.state === 'active') return { owner, grant };
  seeOther(ctx, formatPath(paths.grant, grantId));
  return undefined;
}

interface LimitsView extends LiveGrant {
  readonly only: LimitKind | undefined;
  readonly fields: GrantLimitsFields;
  readonly problems: readonly Problem[];
}

async function renderLimits(deps: Dependencies, ctx: Context, { owner, grant, ...view }: LimitsView): Promise<void> {
  const { timeZone } = owner;
  const { texts } = ctx.state;
  const now = deps.now();
  ctx.type = 'html';
  ctx.body = renderGrantLimitsPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'apps'),
    script: allowScript(ctx, deps.scripts['typed-choices']),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone,
    now,
    grant,
    upstreams: deps.configuration.models.upstreams,
    shown: describeShownGrant(grant),
    shownTerms: listShownTerms(grant),
    open: await listOpenRequests(deps.db, owner.accountId),
    accountLimit: await findAccountLimit(deps.db, owner.accountId),
    lifetimes: [
      { value: 'unchanged', text: texts('limits.keep', { time: texts.time(grant.expiresAt, timeZone) }) },
      ...listLifetimes(undefined, texts),
    ],
    days: listDays(undefined, timeZone, now),
  });
}
