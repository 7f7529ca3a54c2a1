import type { Database } from '@aipassport/store';
import {
  type ChosenNotice,
  changeEmail,
  chosenNotices,
  findAccountByEmail,
  findMailSettings,
  normalizeEmail,
  type OwnerSession,
  updateMuted,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderEmailPage } from '../pages/email-page.js';
import type { Problem } from '../pages/parts.js';
import { fieldList, fieldText, findInvalidFields } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { rememberDevice } from './device-cookie.js';
import { requireAccountCreation } from './guessing-limits.js';
import { type Notices, takeNotice } from './notices.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { type OwnForm, requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { sendConfirmationLink, sendsMail } from './send-confirmation-link.js';
import { changeIfAsShown, isOutOfDate, outOfDate } from './shown-values.js';

const purpose = 'email';

const notices: Notices = {
  sent: 'email.linkSent',
  notices: 'email.noticesSaved',
  confirmed: 'email.done',
  changed: 'email.changed',
};

/** `GET /account/email` */
export async function showEmail(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.email);
  if (owner === undefined) return;
  const done = takeNotice(deps, ctx)?.done ?? '';
  const notice = Object.hasOwn(notices, done) ? notices[done] : undefined;
  const problems = done === 'taken' ? [{ field: undefined, message: message('email.taken') }] : [];
  await renderEmail(deps, ctx, { owner, newEmail: '', notice, problems });
}

/**
 * `POST /account/email/send-link`: sends a new link to the account's e-mail address, unless the address is confirmed.
 */
export async function submitLinkRequest(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireForm(deps, ctx);
  if (sent === undefined) return;
  const { accountId, email } = sent.owner;
  const { isConfirmed } = await findMailSettings(deps.db, accountId);
  if (!isConfirmed)
    await deps.db
      .transaction()
      .execute((transaction) => sendConfirmationLink({ ...deps, db: transaction }, ctx, { accountId, email }));
  redirectWithNotice(deps, ctx, { path: paths.email, done: 'sent' });
}

/**
 * `POST /account/email/change`: sends a link to a new e-mail address. Requires a recent sign-in: see `confirmSignIn`.
 * If another account has the new address, no link is sent, but the answer is the same. A server that sends no e-mails
 * changes the address at once: see `changeAtOnce`.
 */
export async function submitEmailChange(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.email, purpose, act: 'email.changeTitle' });
  if (sent === undefined) return;
  const { owner, form } = sent;
  const newEmail = fieldText(form, 'email').trim();
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    return renderEmail(deps, ctx, { owner, newEmail, notice: undefined, problems: [problem] });
  };
  if (findInvalidFields(deps.forms.emailChange, { ...form, email: newEmail }).length > 0)
    return refuse({ field: 'email', message: message('email.invalid') });
  const email = normalizeEmail(newEmail);
  if (isOutOfDate(form, owner.email)) return refuse(outOfDate);
  if (email === owner.email) return refuse({ field: 'email', message: message('email.same') });
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'email.toChange' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const { accountId } = owner;
  if (!sendsMail(deps)) {
    const outcome = await changeAtOnce(deps, ctx, { accountId, email, shownEmail: owner.email });
    if (outcome === 'changed') return redirectWithNotice(deps, ctx, { path: paths.email, done: 'changed' });
    return refuse(outcome === 'outdated' ? outOfDate : { field: 'email', message: message('email.taken') });
  }
  await deps.db.transaction().execute(async (transaction) => {
    if ((await findAccountByEmail(transaction, email)) !== undefined) return;
    await sendConfirmationLink({ ...deps, db: transaction }, ctx, { accountId, email, isNew: true });
  });
  redirectWithNotice(deps, ctx, { path: paths.email, done: 'sent' });
}

/**
 * Reveals whether another account has the e-mail address, as creating an account does, so both count for the same
 * limit.
 * @throws Denied 429
 */
async function changeAtOnce(
  deps: Dependencies,
  ctx: Context,
  change: Parameters<typeof changeEmail>[1],
): ReturnType<typeof changeEmail> {
  await requireAccountCreation(deps.db, ctx.ip);
  const outcome = await changeEmail(deps.db, change);
  if (outcome === 'changed') rememberDevice(deps, ctx, change.email);
  return outcome;
}

/**
 * `POST /account/email/notices`. Switching a notice off requires a recent sign-in. Otherwise a thief who uses an open
 * session could first switch off the notices, and then act without the owner's knowledge.
 */
export async function submitNotices(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireForm(deps, ctx);
  if (sent === undefined) return;
  const { owner, form } = sent;
  const wanted = fieldList(form, 'notices');
  const muted = chosenNotices.filter((kind) => !wanted.includes(kind));
  const { accountId } = owner;
  const refuse = (problem: Problem, chosen?: readonly ChosenNotice[]) => {
    markRefused(ctx, 'form_invalid');
    return renderEmail(deps, ctx, { owner, newEmail: '', chosen, notice: undefined, problems: [problem] });
  };
  const read = async (db: Database) => (await findMailSettings(db, accountId)).muted;
  const before = await read(deps.db);
  if (isOutOfDate(form, before)) return refuse(outOfDate);
  if (muted.some((kind) => !before.includes(kind))) {
    const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'email.toMute' });
    if (unconfirmed !== undefined) return refuse(unconfirmed, muted);
  }
  const isSaved = await changeIfAsShown(deps.db, {
    accountId,
    form,
    read,
    change: async (transaction) => {
      await updateMuted(transaction, { accountId, muted, language: ctx.state.texts.language });
      return true;
    },
  });
  return isSaved ? redirectWithNotice(deps, ctx, { path: paths.email, done: 'notices' }) : refuse(outOfDate);
}

/** Hides a page or form that is about e-mails, if the server sends none. @throws Denied 404 */
export function requireMail(deps: Dependencies): void {
  if (!sendsMail(deps)) throw new Denied({ reason: 'path_unknown' });
}

/** @returns undefined when the browser has been sent to sign in */
async function requireForm(deps: Dependencies, ctx: Context): Promise<OwnForm | undefined> {
  requireMail(deps);
  return requireOwnForm(deps, ctx, { returnTo: paths.email, purpose, act: 'email.noticesTitle' });
}

interface EmailView {
  readonly owner: OwnerSession;
  readonly newEmail: string;
  /** The notices that the owner wants to switch off, when their form asks for the confirmation. */
  readonly chosen?: readonly ChosenNotice[] | undefined;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

async function renderEmail(deps: Dependencies, ctx: Context, { owner, ...view }: EmailView): Promise<void> {
  ctx.type = 'html';
  ctx.body = renderEmailPage({
    ...view,
    ...(await findMailSettings(deps.db, owner.accountId)),
    stylesheet: deps.stylesheet,
    sendsMail: sendsMail(deps),
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
  });
}
