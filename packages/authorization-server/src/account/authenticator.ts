import {
  confirmAuthenticatorApp,
  deleteAuthenticatorApp,
  findAuthenticatorApp,
  insertAuthenticatorApp,
  type OwnerSession,
} from '@aipassport/store/authorization';
import { renderSVG } from 'uqr';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { sealSecret, unsealSecret } from '../keys/seal-secret.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderAuthenticatorPage } from '../pages/authenticator-page.js';
import type { Problem } from '../pages/parts.js';
import { readSecretField } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { findCodeStep, formatAppUrl, makeAppSecret } from './app-codes.js';
import { type Notices, takeFixedNotice } from './notices.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { type OwnForm, requireConfirmedForm } from './require-own-form.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { changeIfAsShown, outOfDate } from './shown-values.js';
import { seeOther } from './sign-in.js';

const purpose = 'authenticator';
const path = paths.authenticator;

const notices: Notices = { added: 'authenticator.added', removed: 'authenticator.removed' };
const wrongCode: Problem = { field: 'code', message: message('authenticator.wrongCode') };

/** `GET /account/authenticator` */
export async function showAuthenticator(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, path);
  if (owner === undefined) return;
  await renderAuthenticator(deps, ctx, { owner, notice: takeFixedNotice(deps, ctx, notices), problems: [] });
}

/**
 * `POST /account/authenticator`: makes a secret for an authenticator app. Until the owner has entered a first code of
 * the app, sign-ins need no code.
 */
export async function submitAuthenticator(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireConfirmed(deps, ctx, setUp);
  if (sent === undefined) return;
  const { owner } = sent;
  const { accountId } = owner;
  const sealed = await sealSecret(
    deps.configuration.cookieKeys,
    { purpose: 'authenticator_app', accountId },
    makeAppSecret(),
  );
  await insertAuthenticatorApp(deps.db, accountId, sealed);
  seeOther(ctx, path);
}

/** `POST /account/authenticator/confirm`: from the first code on, sign-ins with the password need a code. */
export async function submitAuthenticatorCode(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireConfirmed(deps, ctx, setUp);
  if (sent === undefined) return;
  const { owner } = sent;
  const { accountId } = owner;
  const app = await findAuthenticatorApp(deps.db, accountId);
  if (app === undefined || app.confirmedAt !== undefined) return seeOther(ctx, path);
  const secret = await unsealSecret(
    deps.configuration.cookieKeys,
    { purpose: 'authenticator_app', accountId },
    app.sealedSecret,
  );
  const step = findCodeStep(secret, readSecretField(ctx, 'code').toString(), deps.now());
  if (step === undefined) {
    markRefused(ctx, 'form_invalid');
    return renderAuthenticator(deps, ctx, { owner, problems: [wrongCode] });
  }
  const isConfirmed = await confirmAuthenticatorApp(deps.db, { accountId, sealedSecret: app.sealedSecret, step });
  if (isConfirmed) return redirectWithNotice(deps, ctx, { path, done: 'added' });
  seeOther(ctx, path);
}

/** `POST /account/authenticator/remove` */
export async function submitAuthenticatorRemoval(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireConfirmed(deps, ctx, turnOff);
  if (sent === undefined) return;
  const { form, owner } = sent;
  const { accountId } = owner;
  const isRemoved = await changeIfAsShown(deps.db, {
    accountId,
    form,
    read: async (transaction) => (await findAuthenticatorApp(transaction, accountId))?.confirmedAt,
    change: (transaction) => deleteAuthenticatorApp(transaction, accountId),
  });
  if (isRemoved === true) return redirectWithNotice(deps, ctx, { path, done: 'removed' });
  if (isRemoved === false) return seeOther(ctx, path);
  markRefused(ctx, 'form_invalid');
  return renderAuthenticator(deps, ctx, { owner, problems: [outOfDate] });
}

/** The name of the act, and the sentence that says what the password is needed for. */
interface Asked {
  readonly act: FixedId;
  readonly question: FixedId;
}

const setUp: Asked = { act: 'authenticator.setUpAct', question: 'authenticator.confirmAdd' };
const turnOff: Asked = { act: 'authenticator.removeAct', question: 'authenticator.confirmRemove' };

/**
 * @returns undefined when this function has answered the request: with a redirect to the sign-in page, or with the form
 * that asks for the password
 */
async function requireConfirmed(deps: Dependencies, ctx: Context, asked: Asked): Promise<OwnForm | undefined> {
  const showAgain = (owner: OwnerSession, problem: Problem) =>
    renderAuthenticator(deps, ctx, { owner, problems: [problem] });
  return requireConfirmedForm(deps, ctx, { returnTo: path, purpose, ...asked, showAgain });
}

interface AuthenticatorView {
  readonly owner: OwnerSession;
  readonly notice?: FixedId | undefined;
  readonly problems: readonly Problem[];
}

/** The secret is shown only soon after a sign-in, and only until the app is confirmed. */
async function renderAuthenticator(deps: Dependencies, ctx: Context, view: AuthenticatorView): Promise<void> {
  const { owner, notice, problems } = view;
  const app = await findAuthenticatorApp(deps.db, owner.accountId);
  const isShown = app !== undefined && app.confirmedAt === undefined && isRecentlyAuthenticated(deps, owner);
  const secret = isShown
    ? await unsealSecret(
        deps.configuration.cookieKeys,
        { purpose: 'authenticator_app', accountId: owner.accountId },
        app.sealedSecret,
      )
    : undefined;
  ctx.type = 'html';
  ctx.body = renderAuthenticatorPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: owner.timeZone,
    confirmedAt: app?.confirmedAt,
    setup: secret === undefined ? undefined : { secret, picture: draw(formatAppUrl(secret, owner.email)) },
    notice,
    problems,
  });
}

/** Draws a QR code, as a `data:` URL. */
function draw(text: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(renderSVG(text, { border: 2 })).toString('base64')}`;
}
