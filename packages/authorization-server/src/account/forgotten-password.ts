import { findAccountByEmail, resetPassword } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { renderForgottenPasswordPage } from '../pages/forgotten-password-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields, readForm, readSecretField } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { isOnlyOpening, issueCarryEmailToken } from './carry-email.js';
import { findKnownDevice } from './device-cookie.js';
import { forgetAttempts, hashQueueShareOf, requireAttempt } from './guessing-limits.js';
import { incomplete } from './incomplete.js';
import { takeNotice } from './notices.js';
import { findPasswordProblem } from './password-policy.js';
import { parseRecoveryCode } from './recovery-code-format.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { readReturnTo, signInPath } from './return-to.js';
import { sendsMail } from './send-confirmation-link.js';
import { queryText } from './sign-in.js';

export const forgottenPasswordPurpose = 'forgotten-password';
/** The id that is checked when no account has the e-mail address, so that the check takes as long as for an account. */
const unknownAccountId = 'no account has this id';
/** The same text for an unknown e-mail address, a wrong or used code, and a disabled account. */
const refused: Problem = { field: 'recovery_code', message: message('recovery.refused') };

/** `GET /account/forgotten-password` */
export function showForgottenPassword(deps: Dependencies, ctx: Context): void {
  const notice = takeNotice(deps, ctx)?.done === 'sent' ? 'recovery.linkSent' : undefined;
  const returnTo = readReturnTo(queryText(ctx, 'return_to'));
  renderForgottenPassword(deps, ctx, { returnTo, email: '', notice, problems: [] });
}

/** `POST /account/forgotten-password`: sets a new password with a recovery code, and ends all sessions. */
export async function submitForgottenPassword(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  const returnTo = readReturnTo(fieldText(form, 'return_to'));
  const email = fieldText(form, 'email').trim();
  if (isOnlyOpening(deps, ctx, form))
    return renderForgottenPassword(deps, ctx, { returnTo, email, notice: undefined, problems: [] });
  requireFormToken(deps, ctx, form, forgottenPasswordPurpose);
  const refuse = (problems: readonly Problem[]) => {
    markRefused(ctx, 'form_invalid');
    renderForgottenPassword(deps, ctx, { returnTo, email, notice: undefined, problems });
  };
  const newPassword = readSecretField(ctx, 'new_password');
  const problems = findProblems(deps, form, newPassword);
  if (problems.length > 0) return refuse(problems);
  const attempt = { email, ipAddress: ctx.ip, knownDevice: findKnownDevice(deps, ctx, email) };
  await requireAttempt(deps.db, attempt);
  const passwordHash = await deps.passwords.hash(newPassword, hashQueueShareOf(ctx, email));
  const account = await findAccountByEmail(deps.db, email);
  const code = parseRecoveryCode(readSecretField(ctx, 'recovery_code').toString()) ?? '';
  const proof = { kind: 'recovery_code', accountId: account?.id ?? unknownAccountId, code } as const;
  if ((await resetPassword(deps.db, { proof, passwordHash })) === undefined) return refuse([refused]);
  await forgetAttempts(deps.db, attempt);
  redirectWithNotice(deps, ctx, { path: signInPath(returnTo), done: 'reset' });
}

function findProblems(deps: Dependencies, form: Form, newPassword: Uint8Array): readonly Problem[] {
  const invalid = findInvalidFields(deps.forms.forgottenPassword, form);
  const weakness = findPasswordProblem(newPassword, fieldText(form, 'email'));
  return [
    ...(invalid.includes('email') ? [{ field: 'email', message: message('signIn.emailInvalid') }] : []),
    ...(invalid.includes('recovery_code') ? [{ field: 'recovery_code', message: message('recovery.malformed') }] : []),
    ...(weakness === undefined ? [] : [{ field: 'new_password', message: weakness }]),
    ...(invalid.some((field) => !['email', 'recovery_code', 'new_password'].includes(field)) ? [incomplete] : []),
  ];
}

export interface ForgottenPasswordView {
  readonly returnTo: string;
  readonly email: string;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderForgottenPassword(deps: Dependencies, ctx: Context, view: ForgottenPasswordView): void {
  ctx.type = 'html';
  ctx.body = renderForgottenPasswordPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    csrfToken: issueFormToken(deps, ctx, forgottenPasswordPurpose),
    carryEmailToken: issueCarryEmailToken(deps, ctx),
    sendsLinks: sendsMail(deps),
  });
}
