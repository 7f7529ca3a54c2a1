import { confirmEmail, findConfirmationLink } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderEmailConfirmationPage } from '../pages/email-confirmation-page.js';
import { rememberDevice } from './device-cookie.js';
import { requireMail } from './email.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { findSecret, forgetSecret, isSecretOf, keepSecret } from './secret-cookies.js';
import { queryText, seeOther } from './sign-in.js';

const purpose = 'email-confirmation';

/**
 * `GET /account/email/confirm`: the page behind the link of an e-mail. The token moves from the URL into a cookie.
 * Nothing is confirmed yet, because mail programs open links to inspect them.
 *
 * The owner must be signed in. Otherwise, if an owner mistyped their e-mail address, the stranger who has that address
 * could confirm it and then set a new password.
 */
export async function showEmailConfirmation(deps: Dependencies, ctx: Context): Promise<void> {
  requireMail(deps);
  const token = queryText(ctx, 'token');
  if (isSecretOf('confirmationLink', token)) {
    keepSecret(deps, ctx, 'confirmationLink', token);
    return seeOther(ctx, paths.emailConfirmation);
  }
  const owner = await requireOwner(deps, ctx, paths.emailConfirmation);
  if (owner === undefined) return;
  const { accountId } = owner;
  const kept = findSecret(deps, ctx, 'confirmationLink');
  ctx.type = 'html';
  ctx.body = renderEmailConfirmationPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    email: kept === undefined ? undefined : await findConfirmationLink(deps.db, { accountId, token: kept }),
  });
}

/**
 * `POST /account/email/confirm`: confirms the e-mail address to which the link was sent. The link then stops working,
 * unless another account has the address.
 */
export async function submitEmailConfirmation(deps: Dependencies, ctx: Context): Promise<void> {
  requireMail(deps);
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.emailConfirmation, purpose });
  if (sent === undefined) return;
  const { owner } = sent;
  const token = findSecret(deps, ctx, 'confirmationLink') ?? '';
  const { accountId } = owner;
  const { language } = ctx.state.texts;
  const confirmation = await confirmEmail(deps.db, { accountId, token, language });
  if (confirmation.outcome === 'over') return seeOther(ctx, paths.emailConfirmation);
  forgetSecret(deps, ctx, 'confirmationLink');
  if (confirmation.outcome === 'changed') rememberDevice(deps, ctx, confirmation.email);
  redirectWithNotice(deps, ctx, { path: paths.email, done: confirmation.outcome });
}
