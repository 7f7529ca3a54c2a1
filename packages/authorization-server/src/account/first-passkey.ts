import { createHash } from 'node:crypto';
import { makeSecret } from '@aipassport/store';
import { findAccountByEmail } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { requireFormToken } from '../middleware/form-token.js';
import { fieldText, findInvalidFields, readForm } from '../read-form.js';
import { findCreationState } from './account-creation-state.js';
import { requireAccountCreation } from './guessing-limits.js';
import { makeRegistrationOptions, type VerifiedPasskey, verifyNewPasskey } from './new-passkey.js';
import { getRelyingParty, keepChallenge } from './passkey-ceremonies.js';

export const creationPurpose = 'create-account';

/**
 * `POST /account/create/passkey-options`: the options with which the page's script makes the first passkey of a new
 * account. If the account cannot be created, there are no options, so that the owner's device does not store a useless
 * passkey. The script then sends the form, and the next page says why.
 */
export async function createFirstPasskeyOptions(deps: Dependencies, ctx: Context): Promise<void> {
  const relyingParty = getRelyingParty(deps.configuration);
  const form = readForm(ctx);
  requireFormToken(deps, ctx, form, creationPurpose);
  await requireAccountCreation(deps.db, ctx.ip);
  const state = await findCreationState(deps, ctx);
  const email = fieldText(form, 'email').trim();
  const isAllowed = state.kind === 'open' || state.kind === 'invited';
  const isWellFormed = !findInvalidFields(deps.forms.createAccount, form).includes('email');
  if (!isAllowed || !isWellFormed || (await findAccountByEmail(deps.db, email)) !== undefined)
    throw new Denied({ reason: 'account_refused' });
  const challenge = makeSecret();
  const owner = { accountId: deriveAccountId(challenge), email, known: [] };
  await keepChallenge(deps, ctx, { kind: 'account_creation', value: challenge, accountId: undefined });
  ctx.body = await makeRegistrationOptions(relyingParty, owner, challenge);
}

/**
 * Checks the first passkey of a new account, and derives the account's identifier. @returns undefined when a check of
 * the passkey fails
 */
export async function verifyFirstPasskey(
  deps: Dependencies,
  credential: string,
): Promise<(VerifiedPasskey & { readonly accountId: string }) | undefined> {
  const made = await verifyNewPasskey(deps, credential, undefined);
  return made && { ...made, accountId: deriveAccountId(made.challenge) };
}

/**
 * The identifier of an account that begins with a passkey. The passkey contains it, so it must be known before there is
 * an account. It is derived from the challenge, which this server chose at random, so a client cannot choose it.
 */
function deriveAccountId(challenge: string): string {
  const hex = createHash('sha256').update(`account ${challenge}`).digest('hex');
  // a UUID of version 8 (RFC 9562 section 5.8)
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
