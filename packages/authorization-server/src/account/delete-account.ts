import {
  deleteReplaceableAccount,
  listOwnedClients,
  normalizeEmail,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderDeletedPage, renderDeletionPage } from '../pages/own-data-pages.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { endOwnerSession } from './owner-session.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';

const purpose = 'deletion';
const wrongEmail: Problem = { field: 'email', message: message('ownData.wrongEmail') };
const onlyOperator: Problem = { field: undefined, message: message('ownData.onlyOperator') };

/** `GET /account/deletion`: says what is deleted and what stays. */
export async function showDeletion(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.accountDeletion);
  if (owner !== undefined) await renderDeletion(deps, ctx, { owner, email: '', problems: [] });
}

/**
 * `POST /account/deletion`. Requires a recent sign-in, and the account's e-mail address, so that one click is not
 * enough. The only operator who can sign in cannot delete the account, because then no account could open the
 * operator's pages. The answer is sent after the commit. From the commit on, every proxy refuses the requests of the
 * apps that have access to this account, and of the apps that the account registered.
 */
export async function submitDeletion(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, {
    returnTo: paths.accountDeletion,
    purpose,
    act: 'ownData.deleteTitle',
  });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const email = fieldText(form, 'email');
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    return renderDeletion(deps, ctx, { owner, email, problems: [problem] });
  };
  const isWellFormed = !findInvalidFields(deps.forms.accountDeletion, form).includes('email');
  if (!isWellFormed || normalizeEmail(email.trim()) !== owner.email) return refuse(wrongEmail);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'ownData.confirmDelete' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const deleted = await deleteReplaceableAccount(deps.db, owner.accountId);
  if (deleted === 'only_operator') return refuse(onlyOperator);
  if (deleted) ctx.state.log.info({ event: 'account_deleted' });
  await endOwnerSession(deps, ctx);
  ctx.type = 'html';
  ctx.body = renderDeletedPage({ stylesheet: deps.stylesheet, texts: ctx.state.texts });
}

interface DeletionView {
  readonly owner: OwnerSession;
  /** The e-mail address that was typed. */
  readonly email: string;
  readonly problems: readonly Problem[];
}

async function renderDeletion(
  deps: Dependencies,
  ctx: Context,
  { owner, email, problems }: DeletionView,
): Promise<void> {
  ctx.type = 'html';
  ctx.body = renderDeletionPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    ownApps: await listOwnedClients(deps.db, owner.accountId),
    email,
    problems,
  });
}
