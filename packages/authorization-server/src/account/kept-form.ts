import { hashSecret, makeSecret } from '@aipassport/store';
import { deleteArtifact, findArtifact, type OwnerSession, upsertArtifact } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { type Form, fieldList, fieldText, secretFields } from '../read-form.js';
import type { FixedId } from '../texts/texts.js';
import { signInPath } from './return-to.js';
import { findSecret, keepSecret, keptFormMilliseconds } from './secret-cookies.js';
import { seeOther } from './sign-in.js';

/** A form that waits while its sender signs in again, for instance at an identity provider. */
export interface KeptForm {
  /** Where the form was sent. */
  readonly action: string;
  /** What the form's token is issued for. */
  readonly purpose: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The name of the act; undefined for a form that names no act. */
  readonly act?: FixedId | undefined;
  readonly id: string;
}

/** The page for a kept form sends the form's identifier in this field. */
export const keptField = 'kept_form';

/** The fields that are not kept: secrets, the page's own fields, and the identifier of a form that was kept earlier. */
const ownFields: readonly string[] = ['csrf_token', 'passkey', 'sign_in_again', keptField, ...secretFields];

interface SentForm extends Pick<KeptForm, 'purpose' | 'act'> {
  readonly owner: OwnerSession;
  readonly form: Form;
}

/**
 * Keeps a form if it was sent with the button that leads to the sign-in: see `Confirmation`. Any other form is
 * returned. If it was sent from the page that shows the kept form, the kept form is deleted. The form's token must have
 * been checked before.
 * @returns the form as its page had it; undefined when it is kept and the browser has been sent to sign in
 */
export async function takeForm(deps: Dependencies, ctx: Context, sent: SentForm): Promise<Form | undefined> {
  const { owner, form, purpose, act } = sent;
  if (fieldText(form, 'sign_in_again') === 'yes') {
    await keepForm(deps, ctx, owner, { action: ctx.path, fields: listFields(form), purpose, act });
    seeOther(ctx, signInPath(paths.continue, 'again'));
    return undefined;
  }
  await forgetForm(deps, ctx, owner, form);
  const { [keptField]: _, ...rest } = form;
  return rest;
}

/** The fields that a page repeats when it shows the form again. */
export function listFields(form: Form): KeptForm['fields'] {
  return Object.keys(form)
    .filter((name) => !ownFields.includes(name))
    .flatMap((name) => fieldList(form, name).map((value) => [name, value] as const));
}

/**
 * Keeps a form of the account for this browser. Another session of the account must not find it: with an old session, a
 * thief could keep a form, and the owner who signs in would send it.
 */
async function keepForm(
  deps: Dependencies,
  ctx: Context,
  owner: OwnerSession,
  form: Omit<KeptForm, 'id'>,
): Promise<void> {
  const secret = makeSecret();
  const payload = { ...form, id: makeSecret() };
  const expiresInSeconds = keptFormMilliseconds / 1_000;
  await upsertArtifact(deps.db, {
    ...keyOf(owner, secret),
    payload,
    grantId: undefined,
    uid: undefined,
    expiresInSeconds,
  });
  keepSecret(deps, ctx, 'keptForm', secret);
}

/** @returns undefined when this browser has no kept form of the account, or when it has expired */
export async function findKeptForm(
  deps: Dependencies,
  ctx: Context,
  owner: OwnerSession,
): Promise<KeptForm | undefined> {
  const secret = findSecret(deps, ctx, 'keptForm');
  const kept = secret === undefined ? undefined : await findArtifact(deps.db, keyOf(owner, secret));
  return kept && (kept.payload as unknown as KeptForm); // only `keepForm` stores it
}

/** Deletes the kept form if this form was sent from the page that shows it. Other forms do not delete it. */
async function forgetForm(deps: Dependencies, ctx: Context, owner: OwnerSession, form: Form): Promise<void> {
  const id = fieldText(form, keptField);
  const secret = findSecret(deps, ctx, 'keptForm');
  if (id === '' || secret === undefined || (await findKeptForm(deps, ctx, owner))?.id !== id) return;
  await deleteArtifact(deps.db, keyOf(owner, secret));
}

function keyOf({ accountId }: OwnerSession, secret: string) {
  return { model: 'KeptForm', idHash: hashSecret(`${accountId}.${secret}`) };
}
