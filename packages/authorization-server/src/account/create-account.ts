import type { Database } from '@aipassport/store';
import {
  findAccountByEmail,
  insertPasskey,
  markCodesUnsaved,
  replaceRecoveryCodes,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { renderNoAccountPage } from '../pages/no-account-page.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { renderCreateAccountPage } from '../pages/sign-in-page.js';
import { type Form, fieldText, findInvalidFields, readForm, readSecretField } from '../read-form.js';
import { message } from '../texts/texts.js';
import { type CreationState, findCreationState } from './account-creation-state.js';
import { isOnlyOpening, issueCarryEmailToken } from './carry-email.js';
import { describeDevice } from './describe-device.js';
import { rememberDevice } from './device-cookie.js';
import { creationPurpose, verifyFirstPasskey } from './first-passkey.js';
import { hashQueueShareOf, requireAccountCreation } from './guessing-limits.js';
import { incomplete } from './incomplete.js';
import { nameDevice } from './name-device.js';
import { InvitationOver, type NewAccount, openAccount } from './open-account.js';
import { findOwner } from './owner-session.js';
import { findRelyingParty } from './passkey-ceremonies.js';
import { findPasswordProblem } from './password-policy.js';
import { makeRecoveryCodes } from './recovery-code-format.js';
import { createAccountPath, readReturnTo, recoveryCodesPath } from './return-to.js';
import { forgetSecret, isSecretOf, keepSecret } from './secret-cookies.js';
import { introduceClient, queryText, seeOther } from './sign-in.js';
import { findTimeZone } from './time-zones.js';

/**
 * `GET /account/create`. An invitation's link leads here. The invitation code is moved from the URL into a cookie,
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
  if (isOnlyOpening(deps, ctx, form)) return renderCreateAccount(deps, ctx, { state, returnTo, email, problems: [] });
  requireFormToken(deps, ctx, form, creationPurpose);
  const refuse = (problems: readonly Problem[]) => {
    markRefused(ctx, 'form_invalid');
    return renderCreateAccount(deps, ctx, { state, returnTo, email, problems });
  };
  if (state.kind !== 'open' && state.kind !== 'invited') return refuse([]);
  const isByPasskey = fieldText(form, 'by') === 'passkey';
  const problems = findProblems(deps, form, isByPasskey ? undefined : readSecretField(ctx, 'password'));
  if (problems.length > 0) return refuse(problems);
  await requireAccountCreation(deps.db, ctx.ip);
  const account = { email, timeZone: findTimeZone(fieldText(form, 'time_zone')), state };
  const outcome = isByPasskey
    ? await createWithPasskey(deps, ctx, account, fieldText(form, 'new_passkey'))
    : await createWithPassword(deps, ctx, account);
  if (outcome === 'taken') return refuse([taken]);
  if (outcome === 'no_passkey') return refuse([noPasskey]);
  if (outcome === 'invitation_over')
    return renderCreateAccount(deps, ctx, { state: { kind: outcome }, returnTo, email, problems: [] });
  forgetSecret(deps, ctx, 'invitation');
  rememberDevice(deps, ctx, email);
  seeOther(ctx, isByPasskey ? recoveryCodesPath(returnTo) : returnTo);
}

type Outcome = 'done' | 'taken' | 'no_passkey' | 'invitation_over';
type Wanted = Omit<NewAccount, 'passwordHash'>;

async function createWithPassword(deps: Dependencies, ctx: Context, wanted: Wanted): Promise<Outcome> {
  const passwordHash = await deps.passwords.hash(readSecretField(ctx, 'password'), hashQueueShareOf(ctx, wanted.email));
  return insertInTransaction(deps, async (db) => {
    const account = await openAccount({ ...deps, db }, ctx, { ...wanted, passwordHash });
    return account === undefined ? 'taken' : 'done';
  });
}

/**
 * The account has no password. It gets recovery codes at once, which the next page shows, because its owner could lose
 * the device with the passkey.
 */
async function createWithPasskey(
  deps: Dependencies,
  ctx: Context,
  wanted: Wanted,
  credential: string,
): Promise<Outcome> {
  if ((await findAccountByEmail(deps.db, wanted.email)) !== undefined) return 'taken';
  const passkey = await verifyFirstPasskey(deps, credential);
  if (passkey === undefined) return 'no_passkey';
  const { accountId: id } = passkey;
  const codes = makeRecoveryCodes();
  const name = nameDevice(ctx.state.texts, describeDevice(ctx.get('User-Agent'))) ?? ctx.state.texts('passkeys.first');
  const outcome = await insertInTransaction(deps, async (db) => {
    const account = await openAccount({ ...deps, db }, ctx, { ...wanted, id, passwordHash: '', isByPasskey: true });
    if (account === undefined) return 'taken';
    if (!(await insertPasskey(db, { ...passkey, name }))) throw new PasskeyKnown();
    await replaceRecoveryCodes(db, id, codes);
    await markCodesUnsaved(db, id);
    return 'done';
  });
  if (outcome === 'done') keepSecret(deps, ctx, 'newRecoveryCodes', codes.join('.'));
  return outcome;
}

async function insertInTransaction(deps: Dependencies, insert: (db: Database) => Promise<Outcome>): Promise<Outcome> {
  try {
    return await deps.db.transaction().execute(insert);
  } catch (error) {
    if (error instanceof InvitationOver) return 'invitation_over';
    if (error instanceof PasskeyKnown) return 'no_passkey';
    throw error;
  }
}

/** Thrown to roll back the transaction: the passkey belongs to an account already. */
class PasskeyKnown extends Error {
  override readonly name = 'PasskeyKnown';
}

const noPasskey: Problem = { field: undefined, message: message('passkeys.notMade') };
const taken: Problem = {
  field: 'email',
  message: message('signIn.emailTaken'),
};

/** @param givenPassword undefined: the account gets a passkey instead */
function findProblems(deps: Dependencies, form: Form, givenPassword: Uint8Array | undefined): readonly Problem[] {
  const invalid = findInvalidFields(deps.forms.createAccount, form);
  const password = givenPassword && findPasswordProblem(givenPassword, fieldText(form, 'email'));
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
  const page = { stylesheet, texts, carryEmailToken: issueCarryEmailToken(deps, ctx), returnTo, email, appName };
  ctx.type = 'html';
  if (state.kind === 'open' || state.kind === 'invited') {
    const csrfToken = issueFormToken(deps, ctx, creationPurpose);
    const timeZoneScript = allowScript(ctx, deps.scripts['time-zone']);
    const script =
      findRelyingParty(deps.configuration) === undefined ? undefined : allowScript(ctx, deps.scripts.passkeys);
    ctx.body = renderCreateAccountPage({ ...page, script, timeZoneScript, csrfToken, problems });
    return;
  }
  markRefused(ctx, 'account_creation_closed');
  ctx.body = renderNoAccountPage({ ...page, reason: state.kind });
}
