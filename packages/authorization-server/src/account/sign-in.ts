import { findClient } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { describeApp } from '../interaction/describe-app.js';
import { formActionSource } from '../middleware/form-action-source.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { findInteraction } from '../oidc/interactions.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { renderSignInPage } from '../pages/sign-in-page.js';
import { type Form, fieldText, findInvalidFields, readForm, readSecretField } from '../read-form.js';
import { proposeLanguages } from '../texts/choose-texts.js';
import { type FixedId, message } from '../texts/texts.js';
import { findCreationState } from './account-creation-state.js';
import { beginSignIn } from './authenticate.js';
import { isOnlyOpening, issueCarryEmailToken } from './carry-email.js';
import { type Notices, takeFixedNotice } from './notices.js';
import { findOwner } from './owner-session.js';
import { findRelyingParty } from './passkey-ceremonies.js';
import { findInteractionUid, readReason, readReturnTo, type SignInReason, secondFactorPath } from './return-to.js';
import { findTimeZone } from './time-zones.js';

export const signInPurpose = 'sign-in';
/** The notices after a reset of the password, and after a failed sign-in at an identity provider. */
const notices: Notices = {
  reset: 'signIn.reset',
  reset_codes: 'signIn.resetCodesEnded',
  cancelled: 'identity.signInCancelled',
  disabled: 'identity.signInDisabled',
  unverified: 'identity.unverified',
  email_taken: 'identity.emailTaken',
  time_unknown: 'identity.timeUnknown',
};
/** The same text for an unknown e-mail address, a wrong password and a disabled account. */
const refused: Problem = { field: 'email', message: message('signIn.refused') };

/** `GET /account/sign-in` */
export async function showSignIn(deps: Dependencies, ctx: Context): Promise<void> {
  const returnTo = readReturnTo(queryText(ctx, 'return_to'));
  const reason = readReason((name) => queryText(ctx, name));
  const owner = await findOwner(deps, ctx);
  if (owner !== undefined && reason === undefined) return seeOther(ctx, returnTo);
  const notice = takeFixedNotice(deps, ctx, notices);
  await renderSignIn(deps, ctx, {
    returnTo,
    reason,
    email: reason === 'again' ? (owner?.email ?? '') : '',
    notice,
    problems: [],
  });
}

/** `POST /account/sign-in` */
export async function submitSignIn(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  const returnTo = readReturnTo(fieldText(form, 'return_to'));
  const email = fieldText(form, 'email').trim();
  if (isOnlyOpening(deps, ctx, form))
    return renderSignIn(deps, ctx, { returnTo, reason: undefined, email, notice: undefined, problems: [] });
  requireFormToken(deps, ctx, form, signInPurpose);
  const isWellFormed = findInvalidFields(deps.forms.signIn, form).length === 0;
  const password = readSecretField(ctx, 'password');
  const begun = await beginSignIn(deps, ctx, { email, isWellFormed, password, timeZone: readTimeZone(form) });
  if (begun === undefined) {
    markRefused(ctx, 'form_invalid');
    const reason = readReason((name) => fieldText(form, name));
    return renderSignIn(deps, ctx, { returnTo, reason, email, notice: undefined, problems: [refused] });
  }
  seeOther(ctx, begun.needsCode ? secondFactorPath(returnTo) : returnTo);
}

/** The time zone that the browser names. */
export function readTimeZone(form: Form): string | undefined {
  return findTimeZone(fieldText(form, 'time_zone'));
}

export interface SignInView {
  readonly returnTo: string;
  readonly reason: SignInReason | undefined;
  readonly email: string;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export async function renderSignIn(deps: Dependencies, ctx: Context, view: SignInView): Promise<void> {
  const owner = await findOwner(deps, ctx); // sets the language of an owner who signs in once more
  const appName = await introduceClient(deps, ctx, view.returnTo);
  ctx.type = 'html';
  ctx.body = renderSignInPage({
    ...view,
    signedInAs: view.reason === 'other' ? owner?.email : undefined,
    stylesheet: deps.stylesheet,
    script: findRelyingParty(deps.configuration) === undefined ? undefined : allowScript(ctx, deps.scripts.passkeys),
    timeZoneScript: allowScript(ctx, deps.scripts['time-zone']),
    texts: ctx.state.texts,
    csrfToken: issueFormToken(deps, ctx, signInPurpose),
    carryEmailToken: issueCarryEmailToken(deps, ctx),
    appName,
    identityProviders: deps.identityClients.providers,
    creation: (await findCreationState(deps, ctx)).kind,
  });
}

/**
 * Finds the app whose request led to this sign-in. Allows the page's forms to redirect to that app (see
 * `form-action-source.ts`), and proposes the languages that the request names.
 * @returns the app's name if the operator vouches for it, otherwise its host. Undefined when the app has no host, or
 *          when no app's request led here
 */
export async function introduceClient(deps: Dependencies, ctx: Context, returnTo: string): Promise<string | undefined> {
  const uid = findInteractionUid(returnTo);
  const interaction = uid === undefined ? undefined : await findInteraction(deps.provider, uid);
  if (interaction === undefined) return undefined;
  proposeLanguages(ctx, interaction.uiLocales);
  ctx.state.formActions = [formActionSource(interaction.redirectUri)];
  const client = await findClient(deps.db, interaction.clientId);
  return client && describeApp(client, { kind: 'redirect', redirectUri: interaction.redirectUri }).appName;
}

export function queryText(ctx: Context, name: string): string {
  const value = ctx.query[name];
  return typeof value === 'string' ? value : '';
}

/** Redirects with 303, so that after a form the browser requests the next page with GET and sends no password along. */
export function seeOther(ctx: Context, path: string): void {
  ctx.redirect(path);
  ctx.status = 303;
}
