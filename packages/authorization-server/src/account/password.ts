import {
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
import { proveOwner } from './confirm-sign-in.js';
import { hashQueueShareOf } from './guessing-limits.js';
import { incomplete } from './incomplete.js';
import { takeNotice } from './notices.js';
import { findOwner, startOwnerSession } from './owner-session.js';
import { findPasswordProblem } from './password-policy.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { signInPath } from './return-to.js';
import { seeOther } from './sign-in.js';

const purpose = 'password';

/** `GET /account/password` */
export async function showPassword(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.password);
  if (owner !== undefined) await renderPassword(deps, ctx, owner, []);
}

/**
 * `POST /account/password`: changes the password, and ends all other sessions and all API tokens, because one of them
 * may be a thief's. An owner who has a password must enter it, even after a recent sign-in, or use a passkey.
 */
export async function submitPassword(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.password, purpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const { accountId } = owner;
  const newPassword = readSecretField(ctx, 'new_password');
  const weakness = findPasswordProblem(newPassword, owner.email);
  const isComplete = findInvalidFields(deps.forms.password, form).every((field) => field === 'new_password');
  const previous = await findAccount(deps.db, accountId);
  // if another request changed the password before `previous` was read, it has ended this session
  if ((await findOwner(deps, ctx)) === undefined) return seeOther(ctx, signInPath(paths.password));
  const proof = isProven(deps, owner) ? {} : await proveOwner(deps, ctx, { owner, question: questionFor(owner) });
  const problems = [
    proof.problem,
    weakness === undefined ? undefined : { field: 'new_password', message: weakness },
    isComplete || weakness !== undefined ? undefined : incomplete,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    markRefused(ctx, 'form_invalid');
    return renderPassword(deps, ctx, (await findOwner(deps, ctx)) ?? owner, problems);
  }
  const previousHash = (proof.account ?? previous)?.passwordHash ?? '';
  const passwordHash = await deps.passwords.hash(newPassword, hashQueueShareOf(ctx, owner.email));
  const isChanged = await changePassword(deps, ctx, { accountId, previousHash, passwordHash });
  if (isChanged) return redirectWithNotice(deps, ctx, { path: paths.password, done: 'changed' });
  seeOther(ctx, signInPath(paths.password));
}

/** Whether the sign-in is enough: it is recent, and it was made with a passkey or the account has no password. */
function isProven(deps: Dependencies, owner: OwnerSession): boolean {
  return isRecentlyAuthenticated(deps, owner) && (owner.isByPasskey || !owner.hasPassword);
}

function questionFor({ hasPassword }: OwnerSession) {
  return hasPassword ? 'password.enterOld' : 'password.toSet';
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
    hasPassword: owner.hasPassword,
    isProven: isProven(deps, owner),
    notice: takeNotice(deps, ctx)?.done === 'changed' ? 'password.changed' : undefined,
    problems,
  });
}
