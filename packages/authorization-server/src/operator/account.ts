import { dayOf, firstOfMonth } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import {
  type AccountStanding,
  findAccountLimit,
  findAccountOperatorCap,
  findAccountStanding,
  listLiveGrants,
  lockAccount,
  lockOperatorCaps,
  type OwnerSession,
  readOperatorCaps,
  readOperatorSpending,
  setAccountOperatorCap,
  summarizeUsage,
} from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { incomplete } from '../account/incomplete.js';
import { takeFixedNotice } from '../account/notices.js';
import { formatResetLink } from '../account/password-reset.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { describeSignedIn } from '../account/require-owner.js';
import { keepSecret, takeSecret } from '../account/secret-cookies.js';
import { isOutOfDate, outOfDate } from '../account/shown-values.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderOperatorAccountPage } from '../pages/operator-account-page.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields } from '../read-form.js';
import type { FixedId } from '../texts/texts.js';
import { findCapProblem, formatCap, readCap, trimCaps } from './cap-field.js';
import { notices } from './lists.js';
import { recordRead } from './record-read.js';
import { requireOperator, requireOperatorForm } from './require-operator.js';
import { createResetToken } from './reset-link.js';

const purpose = 'operator-account';
const capField = 'cap_usd';

/** `GET /operator/accounts/:account_id`: shows an account's usage, limits and live grants. */
export async function showOperatorAccount(deps: Dependencies, ctx: Context, accountId: string): Promise<void> {
  const visit = await begin(deps, ctx, accountId);
  if (visit === undefined) return;
  const [ownerOfLink, token] = takeSecret(deps, ctx, 'newResetLink')?.split('.') ?? [];
  await recordRead(deps.db, { read: 'account', by: visit.operator.accountId, subject: { accountId } });
  const isItsLink = token !== undefined && ownerOfLink === accountId;
  const newLink = isItsLink ? formatResetLink(deps.configuration.issuer, token) : undefined;
  await renderAccount(deps, ctx, { ...visit, newLink, problems: [] });
}

/**
 * `POST /operator/accounts/:account_id/cap`: sets the cap on what this account may spend with the operator's provider
 * keys. The new cap applies from the account's next request on.
 */
export async function submitAccountCap(deps: Dependencies, ctx: Context, accountId: string): Promise<void> {
  const sent = await beginForm(deps, ctx, { accountId, act: 'operator.accountCapTitle' });
  if (sent === undefined) return;
  const { visit } = sent;
  const form = trimCaps(sent.form, [capField]);
  const refuse = (problem: Problem, typed?: Form) => {
    markRefused(ctx, 'form_invalid');
    const capText = typed && fieldText(typed, capField);
    return renderAccount(deps, ctx, { ...visit, problems: [problem], confirms: 'cap', capText });
  };
  const read = async (db: Database) => formatCap(await findAccountOperatorCap(db, accountId));
  if (isOutOfDate(form, await read(deps.db))) return refuse(outOfDate);
  const [problem] = findCapProblem(form, capField, deps.configuration.operatorCaps.ofAccount);
  if (problem !== undefined) return refuse(problem, form);
  if (findInvalidFields(deps.forms.operatorAccountCap, form).some((field) => field !== 'password'))
    return refuse(incomplete, form);
  const { operator } = visit;
  const unconfirmed = await confirmSignIn(deps, ctx, { owner: operator, question: 'operator.confirmChange' });
  if (unconfirmed !== undefined) return refuse(unconfirmed, form);
  const isSet = await deps.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    await lockOperatorCaps(transaction);
    if (isOutOfDate(form, await read(transaction))) return false;
    await setAccountOperatorCap(transaction, { accountId, cap: readCap(form, capField), by: operator.accountId });
    return true;
  });
  if (!isSet) return refuse(outOfDate);
  ctx.state.log.info({ event: 'account_operator_cap_changed', account_id: accountId, by: operator.accountId });
  redirectWithNotice(deps, ctx, { path: formatPath(paths.operatorAccount, accountId), done: 'changed' });
}

/**
 * `POST /operator/accounts/:account_id/reset-link`: makes a link with which the owner can set a new password. The next
 * page shows the link once.
 */
export async function submitResetLink(deps: Dependencies, ctx: Context, accountId: string): Promise<void> {
  const sent = await beginForm(deps, ctx, { accountId, act: 'operator.createResetLink' });
  if (sent === undefined) return;
  const { visit, form } = sent;
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    return renderAccount(deps, ctx, { ...visit, problems: [problem], confirms: 'reset' });
  };
  const { operator, account } = visit;
  // an operator's own password is changed on the account's pages, which ask for the present password
  if (account.disabledAt !== undefined || account.id === operator.accountId)
    throw new Denied({ reason: 'path_unknown' });
  if (findInvalidFields(deps.forms.stepUp, form).some((field) => field !== 'password')) return refuse(incomplete);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner: operator, question: 'operator.confirmResetLink' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const token = await createResetToken(deps.db, { accountId, by: operator.accountId });
  if (token === undefined) throw new Denied({ reason: 'path_unknown' });
  keepSecret(deps, ctx, 'newResetLink', `${accountId}.${token}`);
  ctx.state.log.info({ event: 'password_reset_link_created', account_id: accountId, by: operator.accountId });
  seeOther(ctx, formatPath(paths.operatorAccount, accountId));
}

interface Visit {
  readonly operator: OwnerSession;
  readonly account: AccountStanding;
}

/** @returns undefined when the browser has been sent to sign in */
async function begin(deps: Dependencies, ctx: Context, accountId: string): Promise<Visit | undefined> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return undefined;
  return { operator, account: await getAccount(deps, accountId) };
}

/** @returns undefined when the browser has been sent to sign in */
async function beginForm(
  deps: Dependencies,
  ctx: Context,
  { accountId, act }: { readonly accountId: string; readonly act: FixedId },
): Promise<{ readonly visit: Visit; readonly form: Form } | undefined> {
  const returnTo = formatPath(paths.operatorAccount, accountId);
  const sent = await requireOperatorForm(deps, ctx, { returnTo, purpose, act: () => act });
  if (sent === undefined) return undefined;
  return { visit: { operator: sent.operator, account: await getAccount(deps, accountId) }, form: sent.form };
}

/** @throws Denied when there is no such account */
async function getAccount({ db }: Dependencies, accountId: string): Promise<AccountStanding> {
  const account = await findAccountStanding(db, accountId);
  if (account === undefined) throw new Denied({ reason: 'path_unknown' });
  return account;
}

interface AccountView extends Visit {
  /** SECRET. The link that was just made. It is shown only once. */
  readonly newLink?: string | undefined;
  readonly problems: readonly Problem[];
  /** The form whose problems are shown. */
  readonly confirms?: 'cap' | 'reset';
  /** What was typed, when the form is shown again. */
  readonly capText?: string | undefined;
}

async function renderAccount(deps: Dependencies, ctx: Context, view: AccountView): Promise<void> {
  const { operator, account, capText, ...shown } = view;
  const { id: accountId } = account;
  const today = dayOf(deps.now(), account.timeZone);
  const cap = await findAccountOperatorCap(deps.db, accountId);
  ctx.type = 'html';
  ctx.body = renderOperatorAccountPage({
    ...shown,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    script: view.newLink === undefined ? undefined : allowScript(ctx, deps.scripts.copy),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: operator.timeZone,
    now: deps.now(),
    account,
    isOwn: accountId === operator.accountId,
    today,
    usage: await summarizeUsage(deps.db, { accountId, month: firstOfMonth(today) }),
    accountLimit: await findAccountLimit(deps.db, accountId),
    grants: await listLiveGrants(deps.db, accountId),
    spending: await readOperatorSpending(deps.db, accountId),
    cap,
    capOfEach: (await readOperatorCaps(deps.db)).ofAccount,
    bound: deps.configuration.operatorCaps.ofAccount,
    currentCap: formatCap(cap),
    capText: capText ?? formatCap(cap),
    upstreams: deps.configuration.models.upstreams,
    notice: takeFixedNotice(deps, ctx, notices),
  });
}
