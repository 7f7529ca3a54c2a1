import { isVisibleText } from '@aipassport/policy';
import {
  adminScopes,
  deleteAccountToken,
  insertAccountToken,
  listAccountTokens,
  maxTokensOfAccount,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { type TokenEntry, tokenPermissions } from '../pages/account-token-form.js';
import { renderAccountTokensPage } from '../pages/account-tokens-page.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldList, fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { makeAccountToken } from './account-token-format.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { incomplete } from './incomplete.js';
import { takeNotice } from './notices.js';
import { readSessionId } from './owner-session.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { keepSecret, takeSecret } from './secret-cookies.js';
import { seeOther } from './sign-in.js';

const purpose = 'account-tokens';
const path = paths.accountTokens;
const emptyEntry: TokenEntry = { name: '', permissions: [], adminScopes: [], lifetimeDays: '30' };

/** A bearer token that can change all accounts should not stay valid for months. */
const maxAdminDays = 7;

/** `GET /account/tokens`. A new token is shown once. */
export async function showAccountTokens(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, path);
  if (owner === undefined) return;
  const newToken = takeSecret(deps, ctx, 'newAccountToken');
  const isRemoved = takeNotice(deps, ctx)?.done === 'removed';
  await renderTokens(deps, ctx, { owner, newToken, isRemoved, entry: emptyEntry, problems: [] });
}

/** `POST /account/tokens`. Requires a recent sign-in: the token outlasts the session. */
export async function submitAccountToken(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose, act: 'tokens.createTitle' });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const entry = readEntry(form);
  const refuse = (...problems: readonly Problem[]) => {
    markRefused(ctx, 'form_invalid');
    return renderTokens(deps, ctx, { owner, entry, problems });
  };
  const invalid = findInvalidFields(deps.forms.accountToken, form).filter((field) => field !== 'password');
  const problems = listEntryProblems(entry, owner, invalid);
  if (problems.length > 0) return refuse(...problems);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'tokens.confirm' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const token = makeAccountToken();
  const isAdded = await insertAccountToken(deps.db, {
    accountId: owner.accountId,
    token,
    sessionId: readSessionId(deps.configuration, ctx) ?? '',
    name: entry.name,
    scopes: ['read', ...entry.permissions],
    adminScopes: entry.adminScopes,
    lifetimeDays: Number(entry.lifetimeDays),
  });
  if (!isAdded) return refuse(tooMany);
  keepSecret(deps, ctx, 'newAccountToken', token);
  seeOther(ctx, path);
}

const tooMany: Problem = { field: undefined, message: message('tokens.tooMany', { max: maxTokensOfAccount }) };

/** Leaves out permissions that do not exist: the check of the form refuses them. */
function readEntry(form: Form): TokenEntry {
  const asked = fieldList(form, 'permissions');
  const askedOfAdmin = fieldList(form, 'admin_scopes');
  return {
    name: fieldText(form, 'name').trim(),
    permissions: tokenPermissions.filter((one) => asked.includes(one)),
    adminScopes: adminScopes.filter((one) => askedOfAdmin.includes(one)),
    lifetimeDays: fieldText(form, 'lifetime_days'),
  };
}

/** In the order of the fields. */
function listEntryProblems(
  { name, permissions, adminScopes: asked, lifetimeDays }: TokenEntry,
  { isOperator }: OwnerSession,
  invalid: readonly string[],
): readonly Problem[] {
  const isNamed = name !== '' && !invalid.includes('name') && isVisibleText(name);
  const needsRole = permissions.includes('operator') || asked.length > 0;
  const isPermitted =
    !invalid.some((field) => field === 'permissions' || field === 'admin_scopes') && (isOperator || !needsRole);
  const isTooLong = asked.length > 0 && Number(lifetimeDays) > maxAdminDays;
  const lifetime = invalid.includes('lifetime_days')
    ? message('tokens.chooseLifetime')
    : isTooLong && message('tokens.adminTooLong', { days: maxAdminDays });
  const found = [
    ...(isNamed ? [] : [{ field: 'name', message: message('tokens.badName') }]),
    ...(isPermitted ? [] : [{ field: 'permissions', message: message('tokens.choosePermissions') }]),
    ...(lifetime ? [{ field: 'lifetime_days', message: lifetime }] : []),
  ];
  return found.length === 0 && invalid.length > 0 ? [incomplete] : found;
}

/** `POST /account/tokens/:token_id/remove`. It takes access away, so it needs no recent sign-in. */
export async function submitAccountTokenRemoval(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose });
  if (sent === undefined) return;
  const { owner } = sent;
  await deleteAccountToken(deps.db, { accountId: owner.accountId, id });
  redirectWithNotice(deps, ctx, { path: path, done: 'removed' });
}

interface TokensView {
  readonly owner: OwnerSession;
  /** SECRET. The token that was just made. */
  readonly newToken?: string | undefined;
  readonly isRemoved?: boolean;
  readonly entry: TokenEntry;
  readonly problems: readonly Problem[];
}

async function renderTokens(deps: Dependencies, ctx: Context, { owner, ...view }: TokensView): Promise<void> {
  ctx.type = 'html';
  ctx.body = renderAccountTokensPage({
    newToken: undefined,
    isRemoved: false,
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    script: view.newToken === undefined ? undefined : allowScript(ctx, deps.scripts.copy),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    isOperator: owner.isOperator,
    issuer: deps.configuration.issuer,
    tokens: await listAccountTokens(deps.db, owner.accountId),
  });
}
