import { findAuthenticatorApp, type OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { describeKeptForm } from '../account/describe-kept-form.js';
import { findKeptSubject } from '../account/find-kept-subject.js';
import { listFields } from '../account/kept-form.js';
import { describeSignedIn } from '../account/require-owner.js';
import { takeAppCode } from '../account/second-factor.js';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderConfirmAgainPage } from '../pages/confirm-again-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, readSecretField } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';

interface OldSignIn {
  readonly operator: OwnerSession;
  readonly form: Form;
  /** What the form's token was issued for. */
  readonly purpose: string;
  /** The name of the act that the form asks for; undefined when it names none. */
  readonly act: FixedId | undefined;
}

/**
 * Signs in an operator again if the operator's sign-in is too old for a form. The operator must give the same as at a
 * sign-in: a passkey, or the password and, if the account has an authenticator app, its code.
 * @returns false when it has answered with a page that asks for these, and keeps the other fields of the form
 */
export async function confirmAgain(deps: Dependencies, ctx: Context, signIn: OldSignIn): Promise<boolean> {
  const { operator, form, purpose, act } = signIn;
  const needsCode = (await findAuthenticatorApp(deps.db, operator.accountId))?.confirmedAt !== undefined;
  const isFirst = ['password', 'passkey'].every((field) => readSecretField(ctx, field).length === 0);
  const problem = await findProblem(deps, ctx, { operator, needsCode });
  if (problem === undefined) return true;
  markRefused(ctx, 'form_invalid');
  ctx.type = 'html';
  const { texts } = ctx.state;
  const sent = { action: ctx.path, fields: listFields(form) };
  ctx.body = renderConfirmAgainPage({
    ...sent,
    act,
    subject: await findKeptSubject(deps, { owner: operator, form: sent, texts }),
    entries: describeKeptForm(deps, sent, texts),
    stylesheet: deps.stylesheet,
    texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    needsCode,
    problems: isFirst ? [] : [problem],
  });
  return false;
}

interface Question {
  readonly operator: OwnerSession;
  readonly needsCode: boolean;
}

async function findProblem(
  deps: Dependencies,
  ctx: Context,
  { operator, needsCode }: Question,
): Promise<Problem | undefined> {
  const question = 'operator.confirmAgain';
  if (!needsCode) return confirmSignIn(deps, ctx, { owner: operator, question });
  let isCodeRefused = false;
  const takeCode = async () => {
    isCodeRefused = !(await takeAppCode(deps, ctx, operator.accountId));
    return !isCodeRefused;
  };
  const problem = await confirmSignIn(deps, ctx, { owner: operator, question, takeCode });
  return isCodeRefused ? { field: 'code', message: message('authenticator.refused') } : problem;
}

/** The form without `code`, a field that only the page for the confirmation has. */
export function withoutCode(form: Form): Form {
  return Object.fromEntries(Object.entries(form).filter(([name]) => name !== 'code'));
}
