import { hashSecret } from '@aipassport/store';
import { deleteArtifact, findArtifact, type OwnerSession, upsertArtifact } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
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
}

/** The time for the sign-in. */
const keptSeconds = 900;

/** Keeps one form of the operator. A form that was kept before is forgotten. */
export async function keepForm({ db }: Dependencies, operator: OwnerSession, form: KeptForm): Promise<void> {
  const artifact = { ...keyOf(operator), payload: { ...form }, grantId: undefined, uid: undefined };
  await upsertArtifact(db, { ...artifact, expiresInSeconds: keptSeconds });
}

/** @returns undefined when no form was kept, or when it has expired */
export async function findKeptForm({ db }: Dependencies, operator: OwnerSession): Promise<KeptForm | undefined> {
  const kept = await findArtifact(db, keyOf(operator));
  return kept && (kept.payload as unknown as KeptForm); // only `keepForm` stores it
}

/** Forgets the kept form, because the operator has gone on. */
export async function forgetForm({ db }: Dependencies, operator: OwnerSession): Promise<void> {
  await deleteArtifact(db, keyOf(operator));
}

function keyOf({ accountId }: OwnerSession) {
  return { model: 'OperatorForm', idHash: hashSecret(accountId) };
}
