import { createHash } from 'node:crypto';
import type { GrantTerms, LiveGrants } from '@aipassport/policy';
import type { NewGrant, OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { describeInvalidChoice, firstOfEachField } from '../limits/describe-choice-problem.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { isIssuable } from '../oidc/token-length.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { type CheckedChoice, checkChoice } from './check-choice.js';
import { findMissingConfirmation } from './confirm-owner.js';
import { type ConsentFields, readConsentFields } from './consent-fields.js';
import { hashSummary, readShownAt } from './consent-summary.js';
import { findExisting } from './find-existing.js';
import { getClient, hashShownRequest } from './shown-request.js';

/** The owner's decision on the consent page. */
export type Consent =
  | { readonly outcome: 'denied' }
  /** `problems` is empty if the owner only asked for a new sentence about the choices. */
  | { readonly outcome: 'shown_again'; readonly fields: ConsentFields; readonly problems: readonly Problem[] }
  | {
      readonly outcome: 'granted';
      readonly grant: NewGrant;
      /** The result of `hashChoice` for the form. */
      readonly choice: string;
    };

export interface ConsentSubmission {
  readonly consent: ConsentRequest;
  readonly owner: OwnerSession;
  /** The form, after `trimLimitTexts` and `requireFormToken`. */
  readonly form: Form;
}

/** Reads the consent form, and checks it against the stored request. It neither makes nor changes a grant. */
export async function readConsent(deps: Dependencies, ctx: Context, submission: ConsentSubmission): Promise<Consent> {
  const { consent, form } = submission;
  const decision = fieldText(form, 'decision');
  if (decision === 'deny') return { outcome: 'denied' };
  const client = await getClient(deps, consent);
  // The form belongs to another version of this request, so the current version is shown.
  if (fieldText(form, 'request_hash') !== hashShownRequest(consent, client)) return showAgain(form, [changed]);
  const considered = checkForm(deps, submission);
  if (considered.outcome === 'problems') return showAgain(form, considered.problems);
  if (decision !== 'allow') return showAgain(form, []);
  // Only the choices that the page's sentence described are granted. A page of the previous release has no sentence,
  // and no field for its hash.
  const summary = form['summary'];
  if (summary !== undefined && summary !== hashSummary(readConsentFields(form).fields, readShownAt(form)))
    return showAgain(form, [unread]);
  return grant(deps, ctx, submission, considered.terms);
}

/** Decides on the choices of a form, and lists everything that is wrong with it. */
export function checkForm(
  { forms, now }: Pick<Dependencies, 'forms' | 'now'>,
  { consent, owner, form }: ConsentSubmission,
): CheckedChoice {
  const malformed = findInvalidFields(forms.consent, form).map((field) => describeInvalidChoice(field) ?? incomplete);
  const choice = { ...readConsentFields(form), shownAt: readShownAt(form), now: now() };
  const considered = checkChoice(consent, owner, choice);
  if (malformed.length === 0) return considered;
  const others = considered.outcome === 'problems' ? considered.problems : [];
  return { outcome: 'problems', problems: firstOfEachField([...malformed, ...others]) };
}

async function grant(
  deps: Dependencies,
  ctx: Context,
  submission: ConsentSubmission,
  terms: GrantTerms,
): Promise<Consent> {
  const { consent, owner, form } = submission;
  const { request, clientId } = consent;
  if (!isIssuable(terms, describeParties(deps, consent))) return showAgain(form, [tooMany]);
  const live = await findLive(deps, submission);
  const { fields } = readConsentFields(form);
  const unconfirmed = await findMissingConfirmation(deps, ctx, { owner, terms, live, fields });
  if (unconfirmed !== undefined) return showAgain(form, [unconfirmed]);
  const choice = hashChoice(form);
  const { accountId } = owner;
  const { tokens, limits, expiresAt } = terms;
  const id = consent.changed?.grant.id ?? deriveGrantId(consent, choice);
  return {
    outcome: 'granted',
    grant: { id, accountId, clientId, tokens, limits, reason: request.reason, expiresAt },
    choice,
  };
}

/** The grants with which the new terms are compared. */
async function findLive(
  deps: Pick<Dependencies, 'db'>,
  { consent, owner, form }: ConsentSubmission,
): Promise<LiveGrants | undefined> {
  if (consent.changed !== undefined) return { grants: [consent.changed.grant], action: 'change' };
  const existing = await findExisting(deps, consent, owner);
  return existing && { grants: existing.grants, action: readConsentFields(form).fields.existingAccess ?? 'replace' };
}

function describeParties({ configuration }: Dependencies, { clientId }: ConsentRequest) {
  const { issuer, resourceProxyUrl: resource, signingKeys } = configuration;
  return { issuer, resource, kid: signingKeys[0].kid, clientId };
}

/**
 * Derives the identifier of the grant from the decision. If the form is sent twice, or to two replicas at once, both
 * requests make the same grant.
 */
function deriveGrantId({ uid }: ConsentRequest, choice: string): string {
  return createHash('sha256').update(`grant:${uid}:${choice}`).digest('base64url');
}

/** A hash of everything that the owner chose. */
export function hashChoice(form: Form): string {
  return createHash('sha256')
    .update(JSON.stringify(readConsentFields(form).fields))
    .digest('base64url');
}

/** The outcome when another request has changed the grant since the page was shown. */
export function outOfDate(form: Form): Extract<Consent, { outcome: 'shown_again' }> {
  return showAgain(form, [changed]);
}

function showAgain(form: Form, problems: readonly Problem[]): Extract<Consent, { outcome: 'shown_again' }> {
  return { outcome: 'shown_again', fields: readConsentFields(form).fields, problems };
}

const changed: Problem = { field: undefined, message: message('consent.changed') };
const unread: Problem = { field: 'summary', message: message('summary.check') };
const tooMany: Problem = { field: 'models', message: message('consent.tooMany') };
const incomplete: Problem = { field: undefined, message: message('consent.incomplete') };
