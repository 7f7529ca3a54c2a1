import type { OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { incomplete } from '../account/incomplete.js';
import { describeSignedIn } from '../account/require-owner.js';
import { queryText, seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderOperatorChangePage } from '../pages/operator-change-page.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { findChange } from './changes.js';
import { requireOperator, requireOperatorForm } from './require-operator.js';

const purpose = 'operator-change';

/** `GET /operator/change`: says what a change does, and asks once more. */
export async function showChange(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx, paths.operator);
  if (operator === undefined) return;
  const wanted = await findWanted(deps, operator, (name) => queryText(ctx, name));
  renderChange(deps, ctx, { operator, wanted, problems: [] });
}

/** `POST /operator/change`. The answer is sent after the commit, when the change applies at every server. */
export async function submitChange(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOperatorForm(deps, ctx, {
    returnTo: paths.operator,
    purpose,
    act: (form) => findChange(fieldText(form, 'act'))?.title,
  });
  if (sent === undefined) return;
  const { operator, form } = sent;
  const wanted = await findWanted(deps, operator, (name) => fieldText(form, name));
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    renderChange(deps, ctx, { operator, wanted, problems: [problem] });
  };
  if (findInvalidFields(deps.forms.operatorChange, form).some((field) => field !== 'password'))
    return refuse(incomplete);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner: operator, question: 'operator.confirmChange' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const { change, subject } = wanted;
  const isDone = await change.perform(deps, subject, operator.accountId);
  ctx.state.log.info({ event: 'operator_change', change: change.name, done: isDone, by: operator.accountId });
  seeOther(ctx, `${change.returnTo(subject)}?done=${isDone ? 'changed' : 'unchanged'}`);
}

/**
 * The change that the request names, with the account, the client or the invitation that it changes.
 * @throws Denied when there is no such change or subject, or when this operator may not make the change
 */
async function findWanted(deps: Dependencies, { accountId }: OwnerSession, read: (name: string) => string) {
  const change = findChange(read('act'));
  const subject = read('subject');
  const name = await change?.findName(deps, subject, accountId);
  if (change === undefined || name === undefined) throw new Denied({ reason: 'path_unknown' });
  return { change, subject, name };
}

interface ChangeView {
  readonly operator: OwnerSession;
  readonly wanted: Awaited<ReturnType<typeof findWanted>>;
  readonly problems: readonly Problem[];
}

function renderChange(deps: Dependencies, ctx: Context, { operator, wanted, problems }: ChangeView): void {
  const { change, subject, name } = wanted;
  ctx.type = 'html';
  ctx.body = renderOperatorChangePage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    change,
    subject,
    name,
    problems,
  });
}
