import { setTimeout as sleep } from 'node:timers/promises';
import {
  findAccountByEmail,
  findMailSettings,
  insertAuditEvent,
  insertMail,
  insertPasswordReset,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { resetLinkSeconds } from '../mail/describe-mail.js';
import { makeLinkToken } from '../mail/link-tokens.js';
import { requireFormToken } from '../middleware/form-token.js';
import { fieldText, findInvalidFields, readForm } from '../read-form.js';
import { message } from '../texts/texts.js';
import { requireMail } from './email.js';
import { forgottenPasswordPurpose, renderForgottenPassword } from './forgotten-password.js';
import { requireResetLink } from './guessing-limits.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { readReturnTo } from './return-to.js';
import { keepSecret } from './secret-cookies.js';

/**
 * The answer to a well-formed e-mail address takes at least this long, which is longer than the work for an existing
 * account takes. So the duration does not reveal whether an account exists.
 */
const answerMilliseconds = 500;

/**
 * `POST /account/forgotten-password/send-link`: sends a link that sets a new password. The e-mail address must be
 * confirmed, because an address that was mistyped may belong to a stranger, who would get the account.
 */
export async function submitResetLinkRequest(deps: Dependencies, ctx: Context): Promise<void> {
  requireMail(deps);
  const form = readForm(ctx);
  requireFormToken(deps, ctx, form, forgottenPasswordPurpose);
  const returnTo = readReturnTo(fieldText(form, 'return_to'));
  const email = fieldText(form, 'email').trim();
  if (findInvalidFields(deps.forms.resetLink, form).length > 0) {
    markRefused(ctx, 'form_invalid');
    const problems = [{ field: 'link_email', message: message('signIn.emailInvalid') }];
    return renderForgottenPassword(deps, ctx, { returnTo, email, notice: undefined, problems });
  }
  await requireResetLink(deps.db, ctx.ip);
  await Promise.all([sendResetLink(deps, ctx, email), sleep(answerMilliseconds)]);
  keepSecret(deps, ctx, 'resetReturn', returnTo);
  const path = `${paths.forgottenPassword}?${new URLSearchParams({ return_to: returnTo })}`;
  redirectWithNotice(deps, ctx, { path, done: 'sent' });
}

async function sendResetLink(deps: Dependencies, ctx: Context, typedEmail: string): Promise<void> {
  const account = await findAccountByEmail(deps.db, typedEmail);
  if (account === undefined || account.disabledAt !== undefined) return;
  const { id: accountId, email } = account;
  if (!(await findMailSettings(deps.db, accountId)).isConfirmed) return;
  const { token, sealedToken } = await makeLinkToken(deps.configuration.cookieKeys, accountId);
  const { language } = ctx.state.texts;
  await deps.db.transaction().execute(async (transaction) => {
    const mail = { accountId, email, kind: 'reset_password', language, detail: { sealedToken } } as const;
    if (!(await insertMail(transaction, mail))) return;
    await insertPasswordReset(transaction, { accountId, token, lifetimeSeconds: resetLinkSeconds });
    await insertAuditEvent(transaction, { event: 'password_reset_link_sent', accountId });
  });
}
