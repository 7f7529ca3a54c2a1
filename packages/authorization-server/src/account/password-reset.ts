import { findPasswordReset, resetPassword } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { renderPasswordResetPage, renderResetOverPage } from '../pages/password-reset-page.js';
import { findInvalidFields, readForm, readSecretField } from '../read-form.js';
import { hashQueueShareOf } from './guessing-limits.js';
import { incomplete } from './incomplete.js';
import { findPasswordProblem } from './password-policy.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { homePath, signInPath } from './return-to.js';
import { findSecret, forgetSecret, isSecretOf, keepSecret, takeSecret } from './secret-cookies.js';
import { queryText, seeOther } from './sign-in.js';

const purpose = 'password-reset';

/** The link that sets a new password once: see `insertPasswordReset`. @param token SECRET */
export function formatResetLink(issuer: string, token: string): string {
  return `${issuer}${paths.passwordReset}?${new URLSearchParams({ token })}`;
}

/**
 * `GET /account/reset`. The token is moved from the URL into a cookie, so that neither the browser's history nor a
 * Referer header contains it. Opening the link does not use it up, because programs that check e-mails open links too.
 */
export async function showPasswordReset(deps: Dependencies, ctx: Context): Promise<void> {
  const token = queryText(ctx, 'token');
  if (isSecretOf('passwordReset', token)) {
    keepSecret(deps, ctx, 'passwordReset', token);
    return seeOther(ctx, paths.passwordReset);
  }
  renderReset(deps, ctx, { email: (await findOpenLink(deps, ctx))?.email });
}

/**
 * `POST /account/reset`: sets the new password, uses the link up, and ends all sessions. Afterwards, the browser that
 * asked for the link goes back to the page that it came from, such as an app's request.
 */
export async function submitPasswordReset(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  requireFormToken(deps, ctx, form, purpose);
  const newPassword = readSecretField(ctx, 'new_password');
  const link = await findOpenLink(deps, ctx);
  if (link === undefined) return renderReset(deps, ctx, { email: undefined });
  const { token, email } = link;
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    return renderReset(deps, ctx, { email, problems: [problem] });
  };
  const weakness = findPasswordProblem(newPassword, email);
  if (weakness !== undefined) return refuse({ field: 'new_password', message: weakness });
  if (findInvalidFields(deps.forms.passwordReset, form).length > 0) return refuse(incomplete);
  const passwordHash = await deps.passwords.hash(newPassword, hashQueueShareOf(ctx, email));
  const reset = await resetPassword(deps.db, { proof: { kind: 'link', token }, passwordHash });
  if (reset === undefined) return renderReset(deps, ctx, { email: undefined });
  forgetSecret(deps, ctx, 'passwordReset');
  const returnTo = takeSecret(deps, ctx, 'resetReturn') ?? homePath;
  redirectWithNotice(deps, ctx, {
    path: signInPath(returnTo),
    done: reset.endsRecoveryCodes ? 'reset_codes' : 'reset',
  });
}

interface OpenLink {
  /** SECRET */
  readonly token: string;
  /** The account whose password the link sets. */
  readonly email: string;
}

/** The link that this browser has opened. @returns undefined when there is none, or it no longer works */
async function findOpenLink(deps: Dependencies, ctx: Context): Promise<OpenLink | undefined> {
  const token = findSecret(deps, ctx, 'passwordReset');
  const email = token === undefined ? undefined : await findPasswordReset(deps.db, token);
  return token === undefined || email === undefined ? undefined : { token, email };
}

interface ResetView {
  /** undefined: the link does not work. */
  readonly email: string | undefined;
  readonly problems?: readonly Problem[];
}

function renderReset(deps: Dependencies, ctx: Context, { email, problems = [] }: ResetView): void {
  const { stylesheet } = deps;
  const { texts } = ctx.state;
  ctx.type = 'html';
  if (email === undefined) {
    markRefused(ctx, 'link_over');
    ctx.body = renderResetOverPage({ stylesheet, texts });
    return;
  }
  const csrfToken = issueFormToken(deps, ctx, purpose);
  ctx.body = renderPasswordResetPage({ stylesheet, texts, csrfToken, email, problems });
}
