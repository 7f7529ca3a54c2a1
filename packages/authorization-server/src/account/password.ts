import {
  type Account,
  deleteAccountTokens,
  deleteOwnerSessions,
  deletePasswordResets,
  findAccount,
  insertAuditEvent,
  insertNotice,
  type OwnerSession,
  updatePasswordHash,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { renderPasswordPage } from '../pages/password-page.js';
import { findInvalidFields, readSecretField } from '../read-form.js';
import { message } from '../texts/texts.js';
import { authenticate } from './authenticate.js';
import { incomplete } from './incomplete.js';
import { startOwnerSession } from './owner-session.js';
import { findPasswordProblem } from './password-policy.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { signInPath } from './return-to.js';
import { queryText, seeOther } from './sign-in.js';

const purpose = 'password';

/** `GET /account/password` */
export async function showPassword(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.password);
  if (owner !== undefined) await renderPassword(deps, ctx, owner, []);
}

/**
 * `POST /account/password`: changes the password, and ends all other sessions and all API tokens, because one of them
 * may be a thief's. An owner who has a password must enter it, even after a recent sign-in. An owner without a password
 * must have signed in recently.
 */
export async function submitPassword(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.password, purpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    return renderPassword(deps, ctx, owner, [problem]);
  };
  const newPassword = readSecretField(ctx, 'new_password');
  const weakness = findPasswordProblem(newPassword, owner.email);
  if (weakness !== undefined) return refuse({ field: 'new_password', message: weakness });
  const invalid = findInvalidFields(deps.forms.password, form);
  if (invalid.some((field) => field !== 'password')) return refuse(incomplete);
  const proven = await proveOwner(deps, ctx, owner, invalid.length === 0);
  if (proven === 'sign_in_again') return seeOther(ctx, signInPath(paths.password, { again: true }));
  if (proven === undefined) return refuse({ field: 'password', message: message('password.wrong') });
  const change = { accountId: owner.accountId, previousHash: proven.passwordHash };
  const passwordHash = await deps.passwords.hash(newPassword);
  const isChanged = await changePassword(deps, ctx, { ...change, passwordHash });
  seeOther(ctx, isChanged ? `${paths.password}?done=changed` : signInPath(paths.password));
}

/**
 * @returns `sign_in_again` for an owner without a password whose sign-in is not recent; undefined when the password is
 * wrong
 */
async function proveOwner(
  deps: Dependencies,
  ctx: Context,
  owner: OwnerSession,
  isWellFormed: boolean,
): Promise<Pick<Account, 'passwordHash'> | 'sign_in_again' | undefined> {
  if (!(await hasPassword(deps, owner)))
    return isRecentlyAuthenticated(deps, owner) ? { passwordHash: '' } : 'sign_in_again';
  const password = readSecretField(ctx, 'password');
  const account = await authenticate(deps, ctx, { email: owner.email, isWellFormed, password });
  return account?.id === owner.accountId ? account : undefined;
}

async function hasPassword({ db }: Dependencies, { accountId }: OwnerSession): Promise<boolean> {
  return (await findAccount(db, accountId))?.passwordHash !== '';
}

/** @returns false when another request has changed the password in the meantime */
async function changePassword(
  deps: Dependencies,
  ctx: Context,
  change: Parameters<typeof updatePasswordHash>[1],
): Promise<boolean> {
  const { accountId } = change;
  return deps.db.transaction().execute(async (transaction) => {
    if (!(await updatePasswordHash(transaction, change))) return false;
    await deleteOwnerSessions(transaction, accountId);
    await deleteAccountTokens(transaction, accountId);
    await deletePasswordResets(transaction, accountId);
    await startOwnerSession({ ...deps, db: transaction }, ctx, accountId);
    await insertAuditEvent(transaction, { event: 'password_changed', accountId });
    await insertNotice(transaction, { accountId, kind: 'password_changed', detail: {} });
    return true;
  });
}

async function renderPassword(
  deps: Dependencies,
  ctx: Context,
  owner: OwnerSession,
  problems: readonly Problem[],
): Promise<void> {
  ctx.type = 'html';
  ctx.body = renderPasswordPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    hasPassword: await hasPassword(deps, owner),
    notice: queryText(ctx, 'done') === 'changed' ? 'password.changed' : undefined,
    problems,
  });
}
