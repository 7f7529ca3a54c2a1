import {
  consumeSignInChallenge,
  deletePasskey,
  insertPasskey,
  listPasskeys,
  type NewPasskey,
  type OwnerSession,
  renamePasskey,
} from '@aipassport/store/authorization';
import {
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { renderPasskeysPage } from '../pages/passkeys-page.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { describeDevice } from './describe-device.js';
import { nameDevice } from './name-device.js';
import {
  checkCredential,
  findRelyingParty,
  getRelyingParty,
  keepChallenge,
  parseCredential,
} from './passkey-ceremonies.js';
import { type Notices, readNotice } from './read-notice.js';
import { requireConfirmedForm, requireOwnForm } from './require-own-form.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { signInPath } from './return-to.js';
import { changeIfAsShown, outOfDate } from './shown-values.js';
import { seeOther } from './sign-in.js';

const purpose = 'passkeys';
const path = paths.passkeys;

const notices: Notices = {
  added: 'passkeys.added',
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
  await renderPasskeys(deps, ctx, { owner, notice: readNotice(ctx, notices), problems: [] });
}

/** `POST /account/passkeys/options`: the options with which the page's script makes a new passkey. */
export async function createPasskeyOptions(deps: Dependencies, ctx: Context): Promise<void> {
  const relyingParty = getRelyingParty(deps.configuration);
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose });
  if (sent === undefined) return;
  const { owner } = sent;
  if (!isRecentlyAuthenticated(deps, owner)) throw new Denied({ reason: 'form_outdated' });
  const options = await generateRegistrationOptions({
    rpName: 'AIPassport',
    rpID: relyingParty.id,
    userName: owner.email,
    userID: new Uint8Array(Buffer.from(owner.accountId)),
    attestationType: 'none',
    // an authenticator must not get a second passkey for the same account
    excludeCredentials: (await listPasskeys(deps.db, owner.accountId)).map(({ credentialId: id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const { accountId } = owner;
  await keepChallenge(deps, ctx, { kind: 'passkey_registration', value: options.challenge, accountId });
  ctx.body = options;
}

/** `POST /account/passkeys`: adds the passkey that the page's script has made. */
export async function submitPasskey(deps: Dependencies, ctx: Context): Promise<void> {
  getRelyingParty(deps.configuration);
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  // The page offers no form to add a passkey after an older sign-in.
  if (!isRecentlyAuthenticated(deps, owner)) return seeOther(ctx, signInPath(path, { again: true }));
  const invalid = findInvalidFields(deps.forms.passkey, form);
  const made = invalid.length === 0 ? await verifyNew(deps, owner, fieldText(form, 'passkey')) : undefined;
  const isAdded =
    made !== undefined && (await insertPasskey(deps.db, { ...made, name: fieldText(form, 'name').trim() }));
  if (isAdded) return seeOther(ctx, `${path}?done=added`);
  markRefused(ctx, 'form_invalid');
  await renderPasskeys(deps, ctx, { owner, problems: [invalid.includes('name') ? badName : notAdded] });
}

/** @returns undefined when the new passkey does not answer a challenge of this account, or fails another check */
async function verifyNew(
  { db, configuration }: Dependencies,
  { accountId }: OwnerSession,
  credential: string,
): Promise<Omit<NewPasskey, 'name'> | undefined> {
  const { id, origin } = getRelyingParty(configuration);
  // the library checks the shape
  const response = parseCredential(credential) as RegistrationResponseJSON | undefined;
  if (response === undefined) return undefined;
  const consume = async (value: string) =>
    (await consumeSignInChallenge(db, { kind: 'passkey_registration', value }))?.accountId === accountId;
  const checked = await checkCredential(consume, (expectedChallenge) =>
    verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
    }),
  );
  if (checked?.verified !== true) return undefined;
  const { id: credentialId, publicKey, counter: signCount, transports = [] } = checked.registrationInfo.credential;
  return { accountId, credentialId, publicKey: Buffer.from(publicKey).toString('base64url'), signCount, transports };
}

/** `POST /account/passkeys/:passkey_id/name` */
export async function submitPasskeyName(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: path, purpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const name = fieldText(form, 'name').trim();
  if (name === '' || findInvalidFields(deps.forms.passkeyName, form).length > 0) {
    markRefused(ctx, 'form_invalid');
    return renderPasskeys(deps, ctx, { owner, problems: [{ ...badName, field: `name-${id}` }] });
  }
  const { accountId } = owner;
  const isRenamed = await changeIfAsShown(deps.db, {
    accountId,
    form,
    read: async (transaction) => (await listPasskeys(transaction, accountId)).find((one) => one.id === id)?.name,
    change: (transaction) => renamePasskey(transaction, { accountId, id }, name),
  });
  if (isRenamed) return seeOther(ctx, `${path}?done=renamed`);
  markRefused(ctx, 'form_invalid');
  return renderPasskeys(deps, ctx, { owner, problems: [outOfDate] });
}

/** `POST /account/passkeys/:passkey_id/remove` */
export async function submitPasskeyRemoval(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireConfirmedForm(deps, ctx, {
    returnTo: path,
    purpose,
    question: 'passkeys.confirm',
    showAgain: (owner, problem) => renderPasskeys(deps, ctx, { owner, removing: id, problems: [problem] }),
  });
  if (sent === undefined) return;
  const { owner } = sent;
  if (await deletePasskey(deps.db, { accountId: owner.accountId, id })) return seeOther(ctx, `${path}?done=removed`);
  markRefused(ctx, 'form_invalid');
  return renderPasskeys(deps, ctx, { owner, problems: [outOfDate] });
}

interface PasskeysView {
  readonly owner: OwnerSession;
  /** The passkey that is removed once the owner has confirmed the removal. */
  readonly removing?: string;
  readonly notice?: FixedId | undefined;
  readonly problems: readonly Problem[];
}

async function renderPasskeys(deps: Dependencies, ctx: Context, { owner, ...view }: PasskeysView): Promise<void> {
  ctx.state.runsScript = true;
  const { texts } = ctx.state;
  ctx.type = 'html';
  ctx.body = renderPasskeysPage({
    notice: undefined,
    ...view,
    stylesheet: deps.stylesheet,
    script: deps.scripts.passkeys,
    texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    passkeys: await listPasskeys(deps.db, owner.accountId),
    newName: nameDevice(texts, describeDevice(ctx.get('User-Agent'))) ?? '',
    signInAgainPath: isRecentlyAuthenticated(deps, owner) ? undefined : signInPath(path, { again: true }),
  });
}
