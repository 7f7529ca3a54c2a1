import { createHash } from 'node:crypto';
import {
  type AccessRequest,
  type ConsentDecision,
  type ConsentProblem,
  decideConsent,
  findLimitBelowUse,
} from '@aipassport/policy';
import type { NewGrant, OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { describeChoiceProblem, describeInvalidChoice } from '../limits/describe-choice-problem.js';
import { parseLimitTexts, readLimitTexts } from '../limits/limit-texts.js';
import { readExpiry } from '../limits/read-expiry.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { isIssuable } from '../oidc/token-length.js';
import type { ConsentFields } from '../pages/consent-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldList, fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { findMissingConfirmation } from './confirm-owner.js';
import { decideUpdate, listUse } from './decide-update.js';
import { getClient, hashShownRequest } from './shown-request.js';

/** The owner's decision on the consent page. */
export type Consent =
  | { readonly outcome: 'denied' }
  | { readonly outcome: 'shown_again'; readonly fields: ConsentFields; readonly problems: readonly Problem[] }
  | {
      readonly outcome: 'granted';
      readonly grant: NewGrant;
      /** The result of `hashChoice` for the form. */
      readonly choice: string;
    };

interface Submission {
  readonly consent: ConsentRequest;
  readonly owner: OwnerSession;
  /** The form, after `trimLimitTexts` and `requireFormToken`. */
  readonly form: Form;
}

/** Reads the consent form, and checks it against the stored request. It neither makes nor changes a grant. */
export async function readConsent(deps: Dependencies, ctx: Context, submission: Submission): Promise<Consent> {
  const { consent, form } = submission;
  if (fieldText(form, 'decision') === 'deny') return { outcome: 'denied' };
  const client = await getClient(deps, consent);
  // The form belongs to another version of this request, so the current version is shown.
  if (fieldText(form, 'request_hash') !== hashShownRequest(consent, client)) return showAgain(form, [changed]);
  const invalid = findInvalidFields(deps.forms.consent, form);
  if (invalid.length > 0)
    return showAgain(
      form,
      invalid.map((field) => describeInvalidChoice(field) ?? incomplete),
    );
  return decide(deps, ctx, submission);
}

async function decide(deps: Dependencies, ctx: Context, { consent, owner, form }: Submission): Promise<Consent> {
  const fields = readFields(form);
  const { request, clientId } = consent;
  const decision = decideOnTerms(consent, owner, { fields, now: deps.now() });
  if (decision === 'no_expiry') return showAgain(form, [describeChoiceProblem(decision, request)]);
  switch (decision.outcome) {
    case 'denied':
      return decision;
    case 'invalid':
      return showAgain(form, [describeProblem(decision, fields, request)]);
    case 'granted': {
      if (!isIssuable(decision, describeParties(deps, consent))) return showAgain(form, [tooMany]);
      const unconfirmed = await findMissingConfirmation(deps, ctx, owner, decision);
      if (unconfirmed !== undefined) return showAgain(form, [unconfirmed]);
      const choice = hashChoice(form);
      const { accountId } = owner;
      const { tokens, limits, expiresAt } = decision;
      const id = consent.changed?.grant.id ?? deriveGrantId(consent, choice);
      const grant = { id, accountId, clientId, tokens, limits, reason: request.reason, expiresAt };
      return { outcome: 'granted', grant, choice };
    }
  }
}

interface Decided {
  readonly fields: ConsentFields;
  readonly now: Date;
}

/** Decides the terms of a new grant, the new terms of an existing grant, or an increase of an existing grant. */
function decideOnTerms(
  { request, changed }: ConsentRequest,
  owner: OwnerSession,
  { fields, now }: Decided,
): ConsentDecision | 'no_expiry' {
  if (changed?.action === 'update') return decideUpdate({ request, changed, owner, fields, now });
  const { lifetimeSeconds } = request;
  const expiresAt = readExpiry(fields, { lifetimeSeconds, timeZone: owner.timeZone, now });
  if (expiresAt === undefined) return 'no_expiry';
  const limits = parseLimitTexts(fields.limits);
  const decision = decideConsent(request, { tickedTokens: fields.tickedTokens, limits, expiresAt }, now);
  if (changed === undefined || decision.outcome !== 'granted') return decision;
  const problem = findLimitBelowUse(decision.limits, listUse(changed.grant));
  return problem === undefined ? decision : { outcome: 'invalid', ...problem };
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
    .update(JSON.stringify(readFields(form)))
    .digest('base64url');
}

/** The outcome when another request has changed the grant since the page was shown. */
export function outOfDate(form: Form): Extract<Consent, { outcome: 'shown_again' }> {
  return { outcome: 'shown_again', fields: readFields(form), problems: [changed] };
}

function showAgain(form: Form, problems: readonly Problem[]): Consent {
  return { outcome: 'shown_again', fields: readFields(form), problems };
}

function readFields(form: Form): ConsentFields {
  return {
    tickedTokens: fieldList(form, 'scope'),
    limits: readLimitTexts(form),
    expiresIn: fieldText(form, 'expires_in'),
    expiresOn: fieldText(form, 'expires_on'),
  };
}

const changed: Problem = { field: undefined, message: message('consent.changed') };
const tooMany: Problem = {
  field: 'models',
  message: message('consent.tooMany'),
};
const incomplete: Problem = {
  field: undefined,
  message: message('consent.incomplete'),
};

function describeProblem(found: ConsentProblem, { tickedTokens }: ConsentFields, request: AccessRequest): Problem {
  switch (found.problem) {
    case 'nothing_usable': {
      const field = tickedTokens.some((token) => token.startsWith('model:')) ? 'capabilities' : 'models';
      return { field, message: message('consent.nothingChosen') };
    }
    case 'more_than_asked': {
      return { field: undefined, message: message('consent.moreThanAsked') };
    }
    default:
      return describeChoiceProblem(found, request);
  }
}
