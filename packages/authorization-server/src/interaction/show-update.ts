import { findIncrease } from '@aipassport/policy';
import { type Grant, listOpenRequests, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { listDays, listLifetimes } from '../limits/lifetime-choices.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import type { ChangedGrant, ConsentRequest } from '../oidc/interactions.js';
import type { Problem } from '../pages/parts.js';
import { renderUpdatePage } from '../pages/update-page.js';
import type { ConsentFields } from './consent-fields.js';
import { unchangedEnd } from './decide-update.js';
import { describeShownRequest } from './shown-request.js';

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
  { owner, fields, problems }: UpdateView,
): Promise<void> {
  const { grant } = update.changed;
  const now = deps.now();
  const { timeZone } = owner;
  const { texts } = ctx.state;
  const increase = findIncrease(update.request, grant, now);
  const { lifetimeSeconds } = increase;
  const shown = await describeShownRequest(deps, ctx, update, owner);
  ctx.type = 'html';
  ctx.body = renderUpdatePage({
    ...shown,
    reason: update.request.reason,
    grant,
    open: await listOpenRequests(deps.db, owner.accountId),
    increase,
    lifetimes: [
      { value: unchangedEnd, text: texts('limits.keep', { time: texts.time(grant.expiresAt, timeZone) }) },
      ...listLifetimes(lifetimeSeconds, texts).filter(
        ({ value }) => now.getTime() + Number(value) * 1_000 > grant.expiresAt.getTime(),
      ),
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
    expiresIn: lifetimeSeconds === undefined ? unchangedEnd : String(lifetimeSeconds),
    expiresOn: '',
    spending: undefined,
    acceptsNoLimit: false,
    existingAccess: undefined,
    remembers: false,
  };
}
