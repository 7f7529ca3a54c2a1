import { findAuthenticatorApp, type OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { describeSignedIn } from '../account/require-owner.js';
import { signInPath } from '../account/return-to.js';
import { takeAppCode } from '../account/second-factor.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderConfirmAgainPage } from '../pages/confirm-again-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldList, fieldText, readSecretField } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { keepForm, keptField } from './kept-form.js';

interface OldSignIn {
  readonly operator: OwnerSession;
  readonly form: Form;
  /** What the form's token was issued for. */
  readonly purpose: string;
  /** The name of the act that the form asks for. */
  readonly act: FixedId | undefined;
}

/** The fields that are not copied into the page: its own fields, and the identifier of a form that was kept earlier. */
const ownFields: readonly string[] = ['csrf_token', 'password', 'passkey', 'code', 'sign_in_again', keptField];

/**
 * Signs an operator in again whose sign-in is too old for a form. This needs the same as a sign-in: a passkey, or the
 * password and the code of the authenticator app, if the account has one. A button leads to the other ways to sign in,
 * and then back to the form.
 * @returns false when it has answered with a page that asks for these, and keeps the other fields of the form
 */
export async function confirmAgain(deps: Dependencies, ctx: Context, signIn: OldSignIn): Promise<boolean> {
  const { operator, form, purpose, act } = signIn;
  const shown = { action: ctx.path, fields: listFields(form) };
  if (fieldText(form, 'sign_in_again') === 'yes') {
    await keepForm(deps, operator, { ...shown, purpose, act });
    seeOther(ctx, signInPath(paths.operatorContinue, { again: true }));
    return false;
  }
  const needsCode = (await findAuthenticatorApp(deps.db, operator.accountId))?.confirmedAt !== undefined;
  const isFirst = ['password', 'passkey'].every((field) => readSecretField(ctx, field).length === 0);
  const problem = await findProblem(deps, ctx, { operator, needsCode });
  if (problem === undefined) return true;
  markRefused(ctx, 'form_invalid');
  ctx.type = 'html';
  ctx.body = renderConfirmAgainPage({
    ...shown,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
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

function listFields(form: Form): readonly (readonly [string, string])[] {
  return Object.keys(form)
    .filter((name) => !ownFields.includes(name))
    .flatMap((name) => fieldList(form, name).map((value) => [name, value] as const));
}

/** The form without `code`, a field that only the page for the confirmation has. */
export function withoutCode(form: Form): Form {
  return Object.fromEntries(Object.entries(form).filter(([name]) => name !== 'code'));
}
