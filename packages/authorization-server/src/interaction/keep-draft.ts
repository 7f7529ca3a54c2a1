import { hashSecret } from '@aipassport/store';
import { findArtifact, type OwnerSession, upsertArtifact } from '@aipassport/store/authorization';
import { keysPath, signInPath } from '../account/return-to.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { type Form, fieldText, findInvalidFields } from '../read-form.js';
import { type ConsentFields, readConsentFields } from './consent-fields.js';
import type { ConsentSubmission } from './read-consent.js';

/** A draft is kept as long as the browser keeps the cookie of the interaction. */
const keptSeconds = 3_600;
/**
 * The fields that are not choices of the owner: credentials, values of one rendering of the page, and buttons.
 */
const notChosen = [
  'csrf_token',
  'password',
  'passkey',
  'request_hash',
  'summary',
  'shown_at',
  'existing_grant',
  'decision',
  'add_key',
  'sign_in_again',
];

/**
 * Handles the buttons with which an owner leaves the page to add a provider key, or to sign in again. The choices in
 * the form are kept, so that the consent page shows them when the owner comes back. Malformed and unknown fields are
 * not kept, because they could have any size.
 * @returns false when another button was pressed
 */
export async function leavePage(
  deps: Dependencies,
  ctx: Context,
  { consent, owner, form }: ConsentSubmission,
): Promise<boolean> {
  const destination = findDestination(deps, consent, form);
  if (destination === undefined) return false;
  const dropped = [...notChosen, ...findInvalidFields(deps.forms.consent, form)];
  const payload = Object.fromEntries(Object.entries(form).filter(([name]) => !dropped.includes(name)));
  const artifact = { ...draftOf(consent, owner), payload, grantId: undefined, uid: undefined };
  await upsertArtifact(deps.db, { ...artifact, expiresInSeconds: keptSeconds });
  seeOther(ctx, destination);
  return true;
}

function findDestination(
  { configuration }: Dependencies,
  { returnPath }: ConsentRequest,
  form: Form,
): string | undefined {
  const upstream = configuration.models.upstreams.find(fieldText(form, 'add_key'));
  if (upstream !== undefined) return keysPath({ upstream: upstream.name, returnTo: returnPath });
  return fieldText(form, 'sign_in_again') === 'yes' ? signInPath(returnPath, 'again') : undefined;
}

/** Finds the choices that `leavePage` kept; undefined when it kept none. */
export async function findDraft(
  { db }: Pick<Dependencies, 'db'>,
  consent: ConsentRequest,
  owner: OwnerSession,
): Promise<ConsentFields | undefined> {
  const draft = await findArtifact(db, draftOf(consent, owner));
  // `leavePage` stored this payload, and `readConsentFields` takes any form.
  return draft && readConsentFields(draft.payload as Form).fields;
}

/** Two accounts can open the same request of a terminal. Each account has its own draft. */
function draftOf({ uid }: ConsentRequest, { accountId }: OwnerSession) {
  return { model: 'ConsentDraft', idHash: hashSecret(`${uid} ${accountId}`) };
}
