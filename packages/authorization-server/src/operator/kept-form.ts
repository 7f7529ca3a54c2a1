import { hashSecret, makeSecret } from '@aipassport/store';
import { deleteArtifact, findArtifact, type OwnerSession, upsertArtifact } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { type Form, fieldText } from '../read-form.js';
import type { FixedId } from '../texts/texts.js';

/** A form that waits while the operator signs in again, for instance at an identity provider. */
export interface KeptForm {
  /** Where the form was sent. */
  readonly action: string;
  /** What the form's token is issued for. */
  readonly purpose: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The name of the act; undefined for a form that names no act, and for one that the previous release kept. */
  readonly act?: FixedId | undefined;
  /** Undefined for a form that the previous release kept. */
  readonly id?: string | undefined;
}

/** The page for a kept form sends the form's identifier in this field. */
export const keptField = 'kept_form';

/** The time for the sign-in. */
const keptSeconds = 900;

/** Keeps one form of the operator. A form that was kept before is forgotten. */
export async function keepForm(
  { db }: Dependencies,
  operator: OwnerSession,
  form: Omit<KeptForm, 'id'>,
): Promise<void> {
  const artifact = { ...keyOf(operator), payload: { ...form, id: makeSecret() }, grantId: undefined, uid: undefined };
  await upsertArtifact(db, { ...artifact, expiresInSeconds: keptSeconds });
}

/** @returns undefined when no form was kept, or when it has expired */
export async function findKeptForm({ db }: Dependencies, operator: OwnerSession): Promise<KeptForm | undefined> {
  const kept = await findArtifact(db, keyOf(operator));
  return kept && (kept.payload as unknown as KeptForm); // only `keepForm` stores it
}

/** Deletes the kept form if this form was sent from the page that shows it. Other forms do not delete it. */
export async function forgetForm(deps: Dependencies, operator: OwnerSession, form: Form): Promise<void> {
  const id = fieldText(form, keptField);
  if (id === '' || (await findKeptForm(deps, operator))?.id !== id) return;
  await deleteArtifact(deps.db, keyOf(operator));
}

function keyOf({ accountId }: OwnerSession) {
  return { model: 'OperatorForm', idHash: hashSecret(accountId) };
}
