import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { renderNoAccountPage } from '../pages/no-account-page.js';
import type { Problem } from '../pages/parts.js';
import { renderCreateAccountPage } from '../pages/sign-in-page.js';
import { type Form, fieldText, findInvalidFields, readForm, readSecretField } from '../read-form.js';
import { message } from '../texts/texts.js';
import { type CreationState, findCreationState } from './account-creation-state.js';
import { isCarried, issueCarryToken } from './carry-email.js';
import { rememberDevice } from './device-cookie.js';
import { requireAccountCreation } from './guessing-limits.js';
import { incomplete } from './incomplete.js';
import { InvitationOver, type NewAccount, openAccount } from './open-account.js';
import { findOwner } from './owner-session.js';
import { findPasswordProblem } from './password-policy.js';
import { createAccountPath, readReturnTo } from './return-to.js';
import { forgetSecret, isSecretOf, keepSecret } from './secret-cookies.js';
import { introduceClient, queryText, seeOther } from './sign-in.js';
import { findTimeZone } from './time-zones.js';

const purpose = 'create-account';

/**
 * `GET /account/create`. An invitation's link leads here. The invitation code is moved from the address into a cookie,
 * so that neither the browser's history nor a Referer header contains it.
 */
export async function showCreateAccount(deps: Dependencies, ctx: Context): Promise<void> {
  const returnTo = readReturnTo(queryText(ctx, 'return_to'));
  if ((await findOwner(deps, ctx)) !== undefined) return seeOther(ctx, returnTo);
  const code = queryText(ctx, 'invitation');
  if (isSecretOf('invitation', code)) {
    keepSecret(deps, ctx, 'invitation', code);
    return seeOther(ctx, createAccountPath(returnTo));
  }
  const state = await findCreationState(deps, ctx);
  await renderCreateAccount(deps, ctx, { state, returnTo, email: '', problems: [] });
}

/** `POST /account/create`: makes the account and signs it in. */
export async function submitCreateAccount(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  const returnTo = readReturnTo(fieldText(form, 'return_to'));
  const email = fieldText(form, 'email').trim();
  const state = await findCreationState(deps, ctx);
  if (isCarried(deps, ctx, form)) return renderCreateAccount(deps, ctx, { state, returnTo, email, problems: [] });
  requireFormToken(deps, ctx, form, purpose);
  const refuse = (problems: readonly Problem[]) => {
    markRefused(ctx, 'form_invalid');
    return renderCreateAccount(deps, ctx, { state, returnTo, email, problems });
  };
  if (state.kind !== 'open' && state.kind !== 'invited') return refuse([]);
  const password = readSecretField(ctx, 'password');
  const problems = findProblems(deps, form, password);
  if (problems.length > 0) return refuse(problems);
  await requireAccountCreation(deps.db, ctx.ip);
  const passwordHash = await deps.passwords.hash(password);
  const timeZone = findTimeZone(fieldText(form, 'time_zone'));
  const outcome = await insertAccountOnce(deps, ctx, { email, passwordHash, timeZone, state });
  if (outcome === 'taken') return refuse([taken]);
  if (outcome === 'invitation_over')
    return renderCreateAccount(deps, ctx, { state: { kind: outcome }, returnTo, email, problems: [] });
  forgetSecret(deps, ctx, 'invitation');
  rememberDevice(deps, ctx, email);
  seeOther(ctx, returnTo);
}

async function insertAccountOnce(
  deps: Dependencies,
  ctx: Context,
  account: NewAccount,
): Promise<'done' | 'taken' | 'invitation_over'> {
  try {
    return await deps.db
      .transaction()
      .execute(async (db) => ((await openAccount({ ...deps, db }, ctx, account)) === undefined ? 'taken' : 'done'));
  } catch (error) {
    if (error instanceof InvitationOver) return 'invitation_over';
    throw error;
  }
}

const taken: Problem = {
  field: 'email',
  message: message('signIn.emailTaken'),
};

function findProblems(deps: Dependencies, form: Form, givenPassword: Uint8Array): readonly Problem[] {
  const invalid = findInvalidFields(deps.forms.createAccount, form);
  const password = findPasswordProblem(givenPassword, fieldText(form, 'email'));
  return [
    ...(invalid.includes('email') ? [{ field: 'email', message: message('signIn.emailInvalid') }] : []),
    ...(password === undefined ? [] : [{ field: 'password', message: password }]),
    ...(invalid.some((field) => field !== 'email' && field !== 'password') ? [incomplete] : []),
  ];
}

interface CreateAccountView {
  readonly state: CreationState;
  readonly returnTo: string;
  readonly email: string;
  readonly problems: readonly Problem[];
}

async function renderCreateAccount(deps: Dependencies, ctx: Context, view: CreateAccountView): Promise<void> {
  const { state, returnTo, email, problems } = view;
  const appName = await introduceClient(deps, ctx, returnTo);
  const { stylesheet } = deps;
  const { texts } = ctx.state;
  const page = { stylesheet, texts, carryToken: issueCarryToken(deps, ctx), returnTo, email, appName };
  ctx.type = 'html';
  if (state.kind === 'open' || state.kind === 'invited') {
    const csrfToken = issueFormToken(deps, ctx, purpose);
    ctx.state.runsScript = true;
    const script = deps.scripts['time-zone'];
    ctx.body = renderCreateAccountPage({ ...page, script, csrfToken, problems });
    return;
  }
  markRefused(ctx, 'account_creation_closed');
  ctx.body = renderNoAccountPage({ ...page, reason: state.kind });
}
