import {
  deletePasskey,
  insertPasskey,
  listPasskeys,
  lockAccount,
  type OwnerSession,
  renamePasskey,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { renderPasskeysPage } from '../pages/passkeys-page.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { countSignInWays, onlySignInWay } from './count-sign-in-ways.js';
import { describeDevice } from './describe-device.js';
import { nameDevice } from './name-device.js';
import { makeRegistrationOptions, verifyNewPasskey } from './new-passkey.js';
import { type Notices, takeFixedNotice } from './notices.js';
import { findRelyingParty, getRelyingParty, keepChallenge } from './passkey-ceremonies.js';
import { askOnceMore, isAsked } from './question.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { changeIfAsShown, outOfDate } from './shown-values.js';
import { seeOther } from './sign-in.js';

const purpose = 'passkeys';
const path = paths.passkeys;

const notices: Notices = {
  added: 'passkeys.added',
  confirmed: 'passkeys.confirmed',
  renamed: 'passkeys.renamed',
  removed: 'passkeys.removed',
};

const badName: Problem = { field: 'name', message: message('passkeys.badName') };
const notAdded: Problem = { field: undefined, message: message('passkeys.notAdded') };

/** `GET /account/passkeys` */
export async function showPasskeys(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, path);
  if (owner === undefined) return;
  if (findRelyingParty(deps.configuration) === undefined) return seeOther(ctx, paths.security);
  await renderPasskeys(deps, ctx, { owner, notice: takeFixedNotice(deps, ctx, notices), problems: [] });
}

/** `POST /account/passkeys/options`: the options with which the page's script makes a new passkey. */
export async function createPasskeyOptions(deps: Dependencies, ctx: Context): Promise<void> {
  const relyingParty = getRelyingParty(deps.configuration);
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose });
  if (sent === undefined) return;
  const { owner } = sent;
  if (!isRecentlyAuthenticated(deps, owner)) throw new Denied({ reason: 'sign_in_too_old' });
  const { accountId, email } = owner;
  const known = await listPasskeys(deps.db, accountId);
  const options = await makeRegistrationOptions(relyingParty, { accountId, email, known });
  await keepChallenge(deps, ctx, { kind: 'passkey_registration', value: options.challenge, accountId });
  ctx.body = options;
}

/**
 * `POST /account/passkeys`: adds the passkey that the page's script has made. After an older sign-in, the form contains
 * no new passkey. It only confirms who the owner is, and the next page adds the passkey.
 */
export async function submitPasskey(deps: Dependencies, ctx: Context): Promise<void> {
  getRelyingParty(deps.configuration);
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  if (!isRecentlyAuthenticated(deps, owner)) return confirmFirst(deps, ctx, owner);
  const { accountId } = owner;
  const invalid = findInvalidFields(deps.forms.passkey, form);
  const made =
    invalid.length === 0 ? await verifyNewPasskey(deps, fieldText(form, 'new_passkey'), accountId) : undefined;
  const name = fieldText(form, 'name').trim();
  const isAdded = made !== undefined && (await insertPasskey(deps.db, { ...made, accountId, name }));
  if (isAdded) return redirectWithNotice(deps, ctx, { path: path, done: 'added' });
  markRefused(ctx, 'form_invalid');
  const problem = invalid.includes('name') ? badName : notAdded;
  await renderPasskeys(deps, ctx, { owner, newName: fieldText(form, 'name'), problems: [problem] });
}

async function confirmFirst(deps: Dependencies, ctx: Context, owner: OwnerSession): Promise<void> {
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'passkeys.confirmAdd' });
  if (unconfirmed === undefined) return redirectWithNotice(deps, ctx, { path: path, done: 'confirmed' });
  markRefused(ctx, 'form_invalid');
  await renderPasskeys(deps, ctx, { owner, problems: [unconfirmed] });
}

/** `POST /account/passkeys/:passkey_id/name` */
export async function submitPasskeyName(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const name = fieldText(form, 'name').trim();
  if (name === '' || findInvalidFields(deps.forms.passkeyName, form).length > 0) {
    markRefused(ctx, 'form_invalid');
    const typedName = { of: id, name: fieldText(form, 'name') };
    return renderPasskeys(deps, ctx, { owner, typedName, problems: [{ ...badName, field: `name-${id}` }] });
  }
  const { accountId } = owner;
  const isRenamed = await changeIfAsShown(deps.db, {
    accountId,
    form,
    read: async (transaction) => (await listPasskeys(transaction, accountId)).find((one) => one.id === id)?.name,
    change: (transaction) => renamePasskey(transaction, { accountId, id }, name),
  });
  if (isRenamed) return redirectWithNotice(deps, ctx, { path: path, done: 'renamed' });
  markRefused(ctx, 'form_invalid');
  return renderPasskeys(deps, ctx, { owner, problems: [outOfDate] });
}

/** `POST /account/passkeys/:passkey_id/remove`: asks once more, and then removes the passkey. */
export async function submitPasskeyRemoval(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose, act: 'passkeys.removeAct' });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const { accountId } = owner;
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    return renderPasskeys(deps, ctx, { owner, problems: [problem] });
  };
  const passkeys = await listPasskeys(deps.db, accountId);
  const passkey = passkeys.find((one) => one.id === id);
  if (passkey === undefined) return refuse(outOfDate);
  const asked = { owner, name: passkey.name, others: passkeys.length - 1 };
  if (!isAsked(form)) return askAboutPasskey(deps, ctx, { ...asked, problems: [] });
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'passkeys.confirm' });
  if (unconfirmed !== undefined) {
    markRefused(ctx, 'form_invalid');
    return askAboutPasskey(deps, ctx, { ...asked, problems: [unconfirmed] });
  }
  const outcome = await deps.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    if (!(await listPasskeys(transaction, accountId)).some((one) => one.id === id)) return outOfDate;
    if ((await countSignInWays({ ...deps, db: transaction }, owner)) === 1) return onlySignInWay;
    await deletePasskey(transaction, { accountId, id });
    return undefined;
  });
  return outcome === undefined ? redirectWithNotice(deps, ctx, { path: path, done: 'removed' }) : refuse(outcome);
}

interface AskedPasskey {
  readonly owner: OwnerSession;
  readonly name: string;
  /** How many other passkeys the account has. */
  readonly others: number;
  readonly problems: readonly Problem[];
}

function askAboutPasskey(deps: Dependencies, ctx: Context, { owner, name, others, problems }: AskedPasskey): void {
  askOnceMore(deps, ctx, {
    owner,
    current: 'settings',
    purpose,
    title: 'passkeys.removeAct',
    subject: name,
    effects: [message('passkeys.removeAbout'), message('passkeys.othersStay', { count: others })],
    submit: 'passkeys.removeNow',
    back: path,
    problems,
  });
}

interface PasskeysView {
  readonly owner: OwnerSession;
  /** A name that was refused, and the passkey that it was for. */
  readonly typedName?: { readonly of: string; readonly name: string };
  /** The name that was typed for a new passkey. By default, a name is proposed. */
  readonly newName?: string;
  readonly notice?: FixedId | undefined;
  readonly problems: readonly Problem[];
}

async function renderPasskeys(deps: Dependencies, ctx: Context, { owner, ...view }: PasskeysView): Promise<void> {
  const { texts } = ctx.state;
  ctx.type = 'html';
  ctx.body = renderPasskeysPage({
    notice: undefined,
    newName: nameDevice(texts, describeDevice(ctx.get('User-Agent'))) ?? '',
    ...view,
    stylesheet: deps.stylesheet,
    script: allowScript(ctx, deps.scripts.passkeys),
    texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    passkeys: await listPasskeys(deps.db, owner.accountId),
    mayAdd: isRecentlyAuthenticated(deps, owner),
  });
}
