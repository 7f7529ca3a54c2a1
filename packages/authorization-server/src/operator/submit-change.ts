import type { OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { incomplete } from '../account/incomplete.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { describeSignedIn } from '../account/require-owner.js';
import { pageWithQuery } from '../account/return-to.js';
import { isOutOfDate, outOfDate } from '../account/shown-values.js';
import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderOperatorChangePage } from '../pages/operator-change-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields } from '../read-form.js';
import { findChange } from './changes.js';
import { requireOperator, requireOperatorForm } from './require-operator.js';

const purpose = 'operator-change';

/** `GET /operator/change`: says what a change does, and asks once more. */
export async function showChange(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  const wanted = await findWanted(deps, operator, (name) => queryText(ctx, name));
  renderChange(deps, ctx, { operator, wanted, problems: [] });
}

/** `POST /operator/change`. The answer is sent after the commit, when the change applies at every server. */
export async function submitChange(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOperatorForm(deps, ctx, {
    returnTo: (form) => pageWithQuery(paths.operatorChange, (name) => fieldText(form, name)),
    purpose,
    act: (form) => findChange(fieldText(form, 'act'))?.title,
  });
  if (sent === undefined) return;
  const { operator, form } = sent;
  const wanted = await findWanted(deps, operator, (name) => fieldText(form, name));
  const refuse = (problem: Problem, present = wanted) => {
    markRefused(ctx, 'form_invalid');
    renderChange(deps, ctx, { operator, wanted: present, problems: [problem] });
  };
  const { change, subject } = wanted;
  if (change.lock !== undefined && isOutOfDate(form, wanted.shown)) return refuse(outOfDate);
  if (findInvalidFields(deps.forms.operatorChange, form).some((field) => field !== 'password'))
    return refuse(incomplete);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner: operator, question: 'operator.confirmChange' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const isDone = await perform(deps, { operator, form, change, subject });
  if (isDone === undefined) return refuse(outOfDate, await findWanted(deps, operator, (name) => fieldText(form, name)));
  ctx.state.log.info({ event: 'operator_change', change: change.name, done: isDone, by: operator.accountId });
  redirectWithNotice(deps, ctx, { path: change.returnTo(subject), done: isDone ? 'changed' : 'unchanged' });
}

interface Order extends Pick<Wanted, 'change' | 'subject'> {
  readonly operator: OwnerSession;
  readonly form: Form;
}

/** @returns false when nothing changed; undefined when the subject is no longer as the page showed it */
async function perform(
  deps: Dependencies,
  { operator: { accountId }, form, change, subject }: Order,
): Promise<boolean | undefined> {
  const { lock } = change;
  if (lock === undefined) return change.perform(deps, subject, accountId);
  return deps.db.transaction().execute(async (db) => {
    await lock(db, subject);
    const shown = await change.find({ ...deps, db }, subject, accountId);
    return isOutOfDate(form, shown) ? undefined : change.perform({ ...deps, db }, subject, accountId);
  });
}

/**
 * The change that the request names, with the account, the client or the invitation that it changes.
 * @throws Denied when there is no such change or subject, or when this operator may not make the change
 */
async function findWanted(deps: Dependencies, { accountId }: OwnerSession, read: (name: string) => string) {
  const change = findChange(read('act'));
  const subject = read('subject');
  const shown = await change?.find(deps, subject, accountId);
  if (change === undefined || shown === undefined) throw new Denied({ reason: 'path_unknown' });
  return { change, subject, shown };
}

type Wanted = Awaited<ReturnType<typeof findWanted>>;

interface ChangeView {
  readonly operator: OwnerSession;
  readonly wanted: Wanted;
  readonly problems: readonly Problem[];
}

function renderChange(deps: Dependencies, ctx: Context, { operator, wanted, problems }: ChangeView): void {
  const { change, subject, shown } = wanted;
  ctx.type = 'html';
  ctx.body = renderOperatorChangePage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    change,
    subject,
    shown,
    problems,
  });
}
