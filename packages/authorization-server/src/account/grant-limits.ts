import { limitKinds, listChoiceProblems, noLimits } from '@aipassport/policy';
import { listOpenRequests, type OwnerSession, updateGrantLimits } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import {
  describeChoiceProblem,
  describeInvalidChoice,
  endUnclear,
  firstOfEachField,
} from '../limits/describe-choice-problem.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import { formatLimitTexts, parseLimitTexts, readLimitTexts, trimLimitTexts } from '../limits/limit-texts.js';
import { readExpiry } from '../limits/read-expiry.js';
import { resolveTyped, typedEnd } from '../limits/resolve-typed.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { type GrantLimitsFields, renderGrantLimitsPage } from '../pages/grant-limits-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields, readForm } from '../read-form.js';
import { message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { getOwnGrant } from './grant.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { seeOther } from './sign-in.js';

const purpose = 'grant-limits';
/** The limits that a client asked for do not restrict an owner who edits a grant. */
const noAskedLimits = { limits: noLimits, lifetimeSeconds: undefined };
const question = 'password.toRaise';
const incomplete: Problem = { field: undefined, message: message('common.incomplete') };

type OwnGrant = Awaited<ReturnType<typeof getOwnGrant>>;

interface LiveGrant {
  readonly owner: OwnerSession;
  readonly grant: OwnGrant;
}

/** `GET /account/grants/:grant_id/limits` */
export async function showGrantLimits(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const live = await requireLiveGrant(deps, ctx, grantId);
  if (live === undefined) return;
  const fields = { limits: formatLimitTexts(live.grant.limits), expiresIn: 'unchanged', expiresOn: '' };
  await renderLimits(deps, ctx, { ...live, fields, problems: [] });
}

/**
 * `POST /account/grants/:grant_id/limits`. A limit is lowered at once. It is raised only within minutes of a
 * sign-in or with the password, because the browser may have been left open.
 */
export async function submitGrantLimits(deps: Dependencies, ctx: Context, grantId: string): Promise<void> {
  const form = trimLimitTexts(readForm(ctx));
  const live = await requireLiveGrant(deps, ctx, grantId);
  if (live === undefined) return;
  requireFormToken(deps, ctx, form, purpose);
  const { fields, isEndUnclear } = readFields(form);
  const refuse = (problems: readonly Problem[]) => {
    ctx.status = 422;
    return renderLimits(deps, ctx, { ...live, fields, problems });
  };
  const { owner, grant } = live;
  const { accountId, timeZone } = owner;
  const now = deps.now();
  const chosenEnd = readExpiry(fields, { lifetimeSeconds: undefined, timeZone, now });
  const expiresAt = fields.expiresIn === 'unchanged' ? grant.expiresAt : chosenEnd;
  const limits = parseLimitTexts(fields.limits);
  const problems = firstOfEachField([
    ...findInvalidFields(deps.forms.grantLimits, form).map((field) => describeInvalidChoice(field) ?? incomplete),
    ...listChoiceProblems(noAskedLimits, { limits, expiresAt: expiresAt ?? grant.expiresAt }, now).map((problem) =>
      describeChoiceProblem(problem, noAskedLimits),
    ),
    ...(expiresAt === undefined ? [isEndUnclear ? endUnclear : describeChoiceProblem('no_expiry', noAskedLimits)] : []),
  ]);
  if (expiresAt === undefined || problems.length > 0) return refuse(problems);
  if (isSame(grant, { limits, expiresAt })) return seeOther(ctx, `${formatPath(paths.grant, grantId)}?done=nothing`);
  const change = { grantId, accountId, limits, expiresAt };
  let isChanged = await updateGrantLimits(deps.db, { ...change, mayRaise: isRecentlyAuthenticated(deps, owner) });
  if (!isChanged) {
    const unconfirmed = await confirmSignIn(deps, ctx, { owner, question });
    if (unconfirmed !== undefined) return refuse([unconfirmed]);
    isChanged = await updateGrantLimits(deps.db, { ...change, mayRaise: true });
  }
  // If nothing was changed, the grant has just ended. Its page shows that.
  seeOther(ctx, `${formatPath(paths.grant, grantId)}${isChanged ? '?done=limits' : ''}`);
}

/** @returns undefined when the browser has been redirected: to sign in, or to the page of a grant that has ended */
async function requireLiveGrant(deps: Dependencies, ctx: Context, grantId: string): Promise<LiveGrant | undefined> {
  const owner = await requireOwner(deps, ctx, formatPath(paths.grantLimits, grantId));
  if (owner === undefined) return undefined;
  const grant = await getOwnGrant(deps, owner, grantId);
  if (grant.state === 'active') return { owner, grant };
  seeOther(ctx, formatPath(paths.grant, grantId));
  return undefined;
}

function isSame(grant: OwnGrant, { limits, expiresAt }: Pick<OwnGrant, 'limits' | 'expiresAt'>): boolean {
  const isSameEnd = grant.expiresAt.getTime() === expiresAt.getTime();
  return isSameEnd && limitKinds.every((kind) => grant.limits[kind] === limits[kind]);
}

function readFields(form: Form): { readonly fields: GrantLimitsFields; readonly isEndUnclear: boolean } {
  const end = resolveTyped(form, typedEnd);
  return {
    fields: { limits: readLimitTexts(form), expiresIn: end ?? '', expiresOn: fieldText(form, 'expires_on') },
    isEndUnclear: end === undefined,
  };
}

interface LimitsView extends LiveGrant {
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
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone,
    now,
    grant,
    open: await listOpenRequests(deps.db, owner.accountId),
    clientName: grant.clientName,
    lifetimes: [
      { value: 'unchanged', text: texts('limits.keep', { time: texts.time(grant.expiresAt, timeZone) }) },
      ...listLifetimes(undefined, texts),
    ],
    days: listDays(undefined, timeZone, now),
  });
}
