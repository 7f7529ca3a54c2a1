import { insertAccount, insertAuditEvent } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { renderCreateAccountPage } from '../pages/sign-in-page.js';
import { type Form, fieldText, findInvalidFields, readForm, readSecretField } from '../read-form.js';
import { rememberDevice } from './device-cookie.js';
import { requireAccountCreation } from './guessing-limits.js';
import { findOwner, startOwnerSession } from './owner-session.js';
import { findPasswordProblem } from './password-policy.js';
import { readReturnTo } from './return-to.js';
import { introduceClient, queryText, seeOther } from './sign-in.js';

const purpose = 'create-account';

/** `GET /account/create` */
export async function showCreateAccount(deps: Dependencies, ctx: Context): Promise<void> {
  const returnTo = readReturnTo(queryText(ctx, 'return_to'));
  if ((await findOwner(deps, ctx)) !== undefined) return seeOther(ctx, returnTo);
  await renderCreateAccount(deps, ctx, { returnTo, email: '', problems: [] });
}

/** `POST /account/create`: makes the account and signs it in. */
export async function submitCreateAccount(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  requireFormToken(deps, ctx, form, purpose);
  const returnTo = readReturnTo(fieldText(form, 'return_to'));
  const email = fieldText(form, 'email').trim();
  const problems = findProblems(deps, form, readSecretField(ctx, 'password'));
  if (problems.length > 0) return refuse(deps, ctx, { returnTo, email, problems });
  await requireAccountCreation(deps.db, ctx.ip);
  const passwordHash = await deps.passwords.hash(readSecretField(ctx, 'password'));
  const isNew = await deps.db.transaction().execute(async (transaction) => {
    const account = await insertAccount(transaction, { email, passwordHash });
    if (account === undefined) return false;
    await insertAuditEvent(transaction, { event: 'account_created', accountId: account.id });
    await startOwnerSession({ ...deps, db: transaction }, ctx, account.id);
    return true;
  });
  if (!isNew) return refuse(deps, ctx, { returnTo, email, problems: [taken] });
  rememberDevice(deps, ctx, email);
  seeOther(ctx, returnTo);
}

const taken: Problem = {
  field: 'email',
  message: 'No account could be made for this address. If you have one already, sign in instead.',
};

function findProblems(deps: Dependencies, form: Form, givenPassword: Uint8Array): readonly Problem[] {
  const invalid = findInvalidFields(deps.forms.createAccount, form);
  const password = findPasswordProblem(givenPassword, fieldText(form, 'email'));
  return [
    ...(invalid.includes('email')
      ? [{ field: 'email', message: 'Give an email address, such as name@example.com.' }]
      : []),
    ...(password === undefined ? [] : [{ field: 'password', message: password }]),
    ...(invalid.some((field) => field !== 'email' && field !== 'password')
      ? [{ field: undefined, message: 'The form is incomplete. Load the page again.' }]
      : []),
  ];
}

interface CreateAccountView {
  readonly returnTo: string;
  readonly email: string;
  readonly problems: readonly Problem[];
}

async function refuse(deps: Dependencies, ctx: Context, view: CreateAccountView): Promise<void> {
  ctx.status = 422;
  await renderCreateAccount(deps, ctx, view);
}

async function renderCreateAccount(deps: Dependencies, ctx: Context, view: CreateAccountView): Promise<void> {
  const clientName = await introduceClient(deps, ctx, view.returnTo);
  ctx.type = 'html';
  ctx.body = renderCreateAccountPage({
    ...view,
    stylesheet: deps.stylesheet,
    csrfToken: issueFormToken(deps, ctx, purpose),
    clientName,
  });
}
