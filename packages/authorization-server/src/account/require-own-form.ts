import type { OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { requireFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { type Form, readForm } from '../read-form.js';
import type { FixedId } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { takeForm } from './kept-form.js';
import { requireOwner } from './require-owner.js';

/** A submitted form, and the owner who sent it. */
export interface OwnForm {
  readonly form: Form;
  readonly owner: OwnerSession;
}

interface ExpectedForm {
  /** The page to which a browser that is not signed in returns after its sign-in. */
  readonly returnTo: string;
  /** What the form's token was issued for: see `issueFormToken`. */
  readonly purpose: string;
  /** The name of the act that the form asks for, for a form that can be kept: see `takeForm`. */
  readonly act?: FixedId;
  /** Throws, or rejects, for an owner who may not use the page. It is called before the token is checked. */
  readonly checkOwner?: (owner: OwnerSession) => unknown;
}

/**
 * The first checks of a form that an owner submits: there is a form, its sender is signed in, and a page of ours showed
 * the form to this owner. A form whose sender wants to sign in again first is kept.
 * @returns undefined when the browser has been sent to sign in
 * @throws Denied
 */
export async function requireOwnForm(
  deps: Dependencies,
  ctx: Context,
  { returnTo, purpose, act, checkOwner }: ExpectedForm,
): Promise<OwnForm | undefined> {
  const sent = readForm(ctx);
  const owner = await requireOwner(deps, ctx, returnTo);
  if (owner === undefined) return undefined;
  await checkOwner?.(owner);
  requireFormToken(deps, ctx, sent, purpose);
  const form = await takeForm(deps, ctx, { owner, form: sent, purpose, act });
  return form && { form, owner };
}

interface ConfirmedForm extends ExpectedForm {
  /** Says in one sentence what the password is needed for. */
  readonly question: FixedId;
  /** Shows the form again, with the component `Confirmation`, which asks for the password or a passkey. */
  readonly showAgain: (owner: OwnerSession, problem: Problem) => Promise<void> | void;
}

/**
 * `requireOwnForm`, for a form that requires a recent sign-in (see `confirmSignIn`) and whose other fields need no
 * check before that.
 * @returns undefined when this function has answered the request
 * @throws Denied
 */
export async function requireConfirmedForm(
  deps: Dependencies,
  ctx: Context,
  { question, showAgain, ...expected }: ConfirmedForm,
): Promise<OwnForm | undefined> {
  const sent = await requireOwnForm(deps, ctx, expected);
  if (sent === undefined) return undefined;
  const { owner } = sent;
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question });
  if (unconfirmed === undefined) return sent;
  markRefused(ctx, 'form_invalid');
  await showAgain(owner, unconfirmed);
  return undefined;
}
