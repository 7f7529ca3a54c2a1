import { createHash } from 'node:crypto';
import { type AccessRequest, type ConsentProblem, decideConsent } from '@aipassport/policy';
import { insertAuditEvent, insertGrant, type OwnerSession, revokeGrant } from '@aipassport/store/authorization';
import { requireOwner } from '../account/require-owner.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { describeChoiceProblem, describeInvalidChoice } from '../limits/describe-choice-problem.js';
import { parseLimitTexts, readLimitTexts, trimLimitTexts } from '../limits/limit-texts.js';
import { readExpiry } from '../limits/read-expiry.js';
import { requireFormToken } from '../middleware/form-token.js';
import type { InteractionAnswer } from '../oidc/interaction-answers.js';
import {
  denyInteraction,
  findPending,
  finishConsent,
  interactionOver,
  type PendingInteraction,
} from '../oidc/interactions.js';
import { isIssuable } from '../oidc/token-length.js';
import type { ConsentFields } from '../pages/consent-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldList, fieldText, findInvalidFields, readForm } from '../read-form.js';
import { answerRepeat, findEarlierAnswer } from './answer-repeat.js';
import { findMissingConfirmation } from './confirm-owner.js';
import { showConsent } from './show-consent.js';
import { consentPurpose, getClient, hashShownRequest, requireSameAccount } from './shown-request.js';

/**
 * `POST /interaction/:uid/consent`: the owner's decision. The request is read from the database and never from the
 * form, so the form's contents cannot make a grant larger.
 */
export async function submitConsent(deps: Dependencies, ctx: Context, uid: string): Promise<void> {
  const form = trimLimitTexts(readForm(ctx));
  const owner = await requireOwner(deps, ctx, formatPath(paths.interaction, uid));
  if (owner === undefined) return;
  // In this order: an interaction is removed only after its answer is stored.
  const interaction = await findPending(deps, ctx, uid);
  const earlier = await findEarlierAnswer(deps, ctx, uid, owner);
  if (earlier !== undefined) {
    requireFormToken(deps, ctx, form, consentPurpose({ uid }));
    return answerRepeat(deps, ctx, earlier, isSameDecision(form, earlier) ? 'same' : 'other');
  }
  if (interaction === undefined) throw interactionOver();
  requireFormToken(deps, ctx, form, consentPurpose(interaction));
  if (interaction.prompt !== 'consent') throw interactionOver();
  requireSameAccount(interaction, owner);
  if (fieldText(form, 'decision') === 'deny') return deny(deps, ctx, interaction, owner);
  const client = await getClient(deps, interaction);
  const fields = readFields(form);
  // The page showed another version of this request, so show the current one.
  if (fieldText(form, 'request_hash') !== hashShownRequest(interaction, client))
    return showAgain(deps, ctx, { interaction, owner, fields, problems: [changed] });
  const invalid = findInvalidFields(deps.forms.consent, form);
  if (invalid.length > 0) {
    const problems = invalid.map((field) => describeInvalidChoice(field) ?? incomplete);
    return showAgain(deps, ctx, { interaction, owner, fields, problems });
  }
  await decide(deps, ctx, { interaction, owner, fields });
}

function isSameDecision(form: Form, { grantId, choice }: InteractionAnswer): boolean {
  if (grantId === undefined) return fieldText(form, 'decision') === 'deny';
  return fieldText(form, 'decision') === 'allow' && choice === hashChoice(readFields(form));
}

function describeParties({ configuration }: Dependencies, { clientId }: PendingInteraction) {
  const { issuer, resourceProxyUrl: resource, signingKeys } = configuration;
  return { issuer, resource, kid: signingKeys[0].kid, clientId };
}

interface Submission {
  readonly interaction: PendingInteraction;
  readonly owner: OwnerSession;
  readonly fields: ConsentFields;
}

async function decide(deps: Dependencies, ctx: Context, submission: Submission): Promise<void> {
  const { interaction, owner, fields } = submission;
  const { request } = interaction;
  const now = deps.now();
  const { lifetimeSeconds } = request;
  const expiresAt = readExpiry(fields, { lifetimeSeconds, timeZone: owner.timeZone, now });
  if (expiresAt === undefined)
    return showAgain(deps, ctx, { ...submission, problems: [describeChoiceProblem('no_expiry', request)] });
  const limits = parseLimitTexts(fields.limits);
  const decision = decideConsent(request, { tickedTokens: fields.tickedTokens, limits, expiresAt }, now);
  switch (decision.outcome) {
    case 'denied':
      return deny(deps, ctx, interaction, owner);
    case 'invalid':
      return showAgain(deps, ctx, { ...submission, problems: [describeProblem(decision, fields, request)] });
    case 'granted': {
      if (!isIssuable(decision, describeParties(deps, interaction)))
        return showAgain(deps, ctx, { ...submission, problems: [tooMany] });
      const unconfirmed = await findMissingConfirmation(deps, ctx, owner, decision);
      if (unconfirmed !== undefined) return showAgain(deps, ctx, { ...submission, problems: [unconfirmed] });
      const choice = hashChoice(fields);
      const id = deriveGrantId(interaction, choice);
      await endEarlierDecision(deps, interaction, id);
      const { tokens } = decision;
      const { accountId } = owner;
      const { clientId } = interaction;
      await insertGrant(deps.db, {
        id,
        accountId,
        clientId,
        tokens,
        limits,
        reason: request.reason,
        expiresAt: decision.expiresAt,
      });
      seeOther(ctx, await finishConsent(deps.provider, ctx, interaction.uid, { grantId: id, choice }));
    }
  }
}

/** The same decision always has the same grant, even if its form is sent twice, or to two replicas at the same time. */
function deriveGrantId({ uid }: PendingInteraction, choice: string): string {
  return createHash('sha256').update(`grant:${uid}:${choice}`).digest('base64url');
}

/** A hash of everything that the owner chose. */
function hashChoice(fields: ConsentFields): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url');
}

/**
 * Revokes the grant of an earlier decision. If the owner decides again before the browser has gone on to the app, the
 * last decision counts.
 */
async function endEarlierDecision({ db }: Dependencies, interaction: PendingInteraction, id?: string): Promise<void> {
  const { grantId, clientId } = interaction;
  if (grantId === undefined || grantId === id) return;
  await revokeGrant(db, { grantId, reason: 'owner', revokedBy: interaction.accountId ?? clientId });
}

async function deny(
  deps: Dependencies,
  ctx: Context,
  interaction: PendingInteraction,
  { accountId }: OwnerSession,
): Promise<void> {
  const { clientId, uid } = interaction;
  await endEarlierDecision(deps, interaction);
  await insertAuditEvent(deps.db, { event: 'consent_denied', accountId, clientId });
  seeOther(ctx, await denyInteraction(deps.provider, ctx, uid));
}

async function showAgain(
  deps: Dependencies,
  ctx: Context,
  again: Submission & { readonly problems: readonly Problem[] },
): Promise<void> {
  const { interaction, owner, fields, problems } = again;
  ctx.status = 422;
  await showConsent(deps, ctx, interaction, owner, { fields, problems });
}

function readFields(form: Form): ConsentFields {
  return {
    tickedTokens: fieldList(form, 'scope'),
    limits: readLimitTexts(form),
    expiresIn: fieldText(form, 'expires_in'),
    expiresOn: fieldText(form, 'expires_on'),
  };
}

const changed: Problem = { field: undefined, message: 'The request has changed. Look at it again before you decide.' };
const tooMany: Problem = {
  field: 'models',
  message: 'These are more models than one access can name. Tick fewer, or every model of a provider.',
};
const incomplete: Problem = {
  field: undefined,
  message: 'The form is incomplete. Look at it again before you decide.',
};

function describeProblem(found: ConsentProblem, { tickedTokens }: ConsentFields, request: AccessRequest): Problem {
  switch (found.problem) {
    case 'nothing_usable': {
      const field = tickedTokens.some((token) => token.startsWith('model:')) ? 'capabilities' : 'models';
      return { field, message: 'Tick at least one model and at least one thing to do with it, or deny.' };
    }
    case 'more_than_asked': {
      const message = 'More was ticked than the app asks for. Look at it again before you decide.';
      return { field: undefined, message };
    }
    default:
      return describeChoiceProblem(found, request);
  }
}
