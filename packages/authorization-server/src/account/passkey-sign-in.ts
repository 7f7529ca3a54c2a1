import { generateAuthenticationOptions } from '@simplewebauthn/server';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { requireFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields, readForm } from '../read-form.js';
import { message } from '../texts/texts.js';
import { authenticateWithPasskey } from './authenticate-with-passkey.js';
import { getRelyingParty, keepChallenge } from './passkey-ceremonies.js';
import { readReason, readReturnTo } from './return-to.js';
import { readTimeZone, renderSignIn, seeOther, signInPurpose } from './sign-in.js';

const refused: Problem = { field: undefined, message: message('passkeys.refused') };

/**
 * `POST /account/sign-in/passkey-challenge`: the challenge that a passkey signs, for a sign-in or a confirmation. The
 * challenge names no credentials, so it says nothing about accounts. The authenticator knows which passkeys it has for
 * this site.
 */
export async function createPasskeyChallenge(deps: Dependencies, ctx: Context): Promise<void> {
  const relyingParty = getRelyingParty(deps.configuration);
  const options = await generateAuthenticationOptions({ rpID: relyingParty.id, userVerification: 'required' });
  await keepChallenge(deps, ctx, { kind: 'passkey_sign_in', value: options.challenge, accountId: undefined });
  ctx.body = options;
}

/** `POST /account/sign-in/passkey` */
export async function submitPasskeySignIn(deps: Dependencies, ctx: Context): Promise<void> {
  getRelyingParty(deps.configuration);
  const form = readForm(ctx);
  requireFormToken(deps, ctx, form, signInPurpose);
  const returnTo = readReturnTo(fieldText(form, 'return_to'));
  const isWellFormed = findInvalidFields(deps.forms.passkeySignIn, form).length === 0;
  const credential = fieldText(form, 'passkey');
  if (
    isWellFormed &&
    (await authenticateWithPasskey(deps, ctx, { credential, timeZone: readTimeZone(form) })) !== undefined
  )
    return seeOther(ctx, returnTo);
  const reason = readReason((name) => fieldText(form, name));
  markRefused(ctx, 'form_invalid');
  return renderSignIn(deps, ctx, { returnTo, reason, email: '', notice: undefined, problems: [refused] });
}
