import { createHash } from 'node:crypto';
import { type ConsentProblem, decideConsent } from '@aipassport/policy';
import { insertAuditEvent, insertGrant, type OwnerSession } from '@aipassport/store/authorization';
import { requireOwner } from '../account/require-owner.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { requireFormToken } from '../middleware/form-token.js';
import { denyInteraction, finishConsent, getInteraction, over, type PendingInteraction } from '../oidc/interactions.js';
import type { ConsentFields } from '../pages/consent-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldList, fieldText, findInvalidFields, readForm } from '../read-form.js';
import { readExpiry } from './read-expiry.js';
import { showConsent } from './show-consent.js';
import { consentPurpose, getClient, hashShownRequest, requireSameAccount } from './shown-request.js';

/**
 * `POST /interaction/:uid/consent`: the owner's decision. What was asked is read from the stored request and never from
 * the form, so nothing that a form says can make a grant larger.
 */
export async function submitConsent(deps: Dependencies, ctx: Context, uid: string): Promise<void> {
  const form = await readForm(ctx);
  const owner = await requireOwner(deps, ctx, `/interaction/${uid}`);
  if (owner === undefined) return;
  const interaction = await getInteraction(deps.provider, ctx, uid);
  requireFormToken(deps, ctx, form, consentPurpose(interaction));
  if (interaction.prompt !== 'consent') throw over();
  requireSameAccount(interaction, owner);
  if (fieldText(form, 'decision') === 'deny') return deny(deps, ctx, interaction, owner);
  const client = await getClient(deps, interaction);
  const fields = readFields(form);
  // What was shown is what is granted: a form of another version of this request is shown anew.
  if (fieldText(form, 'request_hash') !== hashShownRequest(interaction, client))
    return showAgain(deps, ctx, { interaction, owner, fields, problem: changed });
  const invalid = findInvalidFields(deps.forms.consent, form);
  const [firstInvalid] = invalid;
  if (firstInvalid !== undefined)
    return showAgain(deps, ctx, { interaction, owner, fields, problem: describeInvalidField(firstInvalid) });
  await decide(deps, ctx, { interaction, owner, fields });
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
  const expiresAt = readExpiry(fields, request, now);
  if (expiresAt === undefined) return showAgain(deps, ctx, { ...submission, problem: noExpiry });
  const limits = {
    maxRequests: toLimit(fields.maxRequests),
    maxRequestsPerMinute: toLimit(fields.maxRequestsPerMinute),
  };
  const decision = decideConsent(request, { tickedTokens: fields.tickedTokens, limits, expiresAt }, now);
  switch (decision.outcome) {
    case 'denied':
      return deny(deps, ctx, interaction, owner);
    case 'invalid':
      return showAgain(deps, ctx, { ...submission, problem: describeProblem(decision.problem, fields) });
    case 'granted': {
      const id = deriveGrantId(interaction);
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
      seeOther(ctx, await finishConsent(deps.provider, ctx, id));
    }
  }
}

/** One consent makes one grant, however often, and at however many servers at once, its form is sent. */
function deriveGrantId({ uid }: PendingInteraction): string {
  return createHash('sha256').update(`grant:${uid}`).digest('base64url');
}

async function deny(
  deps: Dependencies,
  ctx: Context,
  { clientId }: PendingInteraction,
  { accountId }: OwnerSession,
): Promise<void> {
  await insertAuditEvent(deps.db, { event: 'consent_denied', accountId, clientId });
  seeOther(ctx, await denyInteraction(deps.provider, ctx));
}

async function showAgain(
  deps: Dependencies,
  ctx: Context,
  again: Submission & { readonly problem: Problem },
): Promise<void> {
  const { interaction, owner, fields, problem } = again;
  ctx.status = 422;
  await showConsent(deps, ctx, interaction, owner, { fields, problems: [problem] });
}

function readFields(form: Form): ConsentFields {
  return {
    tickedTokens: fieldList(form, 'scope'),
    maxRequests: fieldText(form, 'max_requests'),
    maxRequestsPerMinute: fieldText(form, 'max_requests_per_minute'),
    expiresIn: fieldText(form, 'expires_in'),
    expiresOn: fieldText(form, 'expires_on'),
  };
}

function toLimit(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}

const changed: Problem = { field: undefined, message: 'The request has changed. Look at it again before you decide.' };
const noExpiry: Problem = { field: 'expires_on', message: 'Choose for how long, or give a day.' };

function describeProblem(problem: ConsentProblem, { tickedTokens }: ConsentFields): Problem {
  if (problem !== 'nothing_usable') return problems[problem];
  const field = tickedTokens.some((token) => token.startsWith('model:')) ? 'capabilities' : 'models';
  return { field, message: 'Tick at least one model and at least one thing to do with it, or deny.' };
}

const problems: Readonly<Record<Exclude<ConsentProblem, 'nothing_usable'>, Problem>> = {
  more_than_asked: {
    field: undefined,
    message: 'More was ticked than the app asks for. Look at it again before you decide.',
  },
  expiry_in_the_past: { field: 'expires_on', message: 'This day is over. Choose a later one.' },
  expiry_too_late: {
    field: 'expires_on',
    message: 'This is longer than the app asks for, or than a year. Choose an earlier end.',
  },
  limit_out_of_bounds: { field: 'max_requests', message: 'A limit is a whole number, at least 1.' },
  limit_above_asked: {
    field: 'max_requests',
    message: 'A limit that the app asks for can be lowered, but neither raised nor left empty.',
  },
};

function describeInvalidField(field: string): Problem {
  if (field === 'max_requests' || field === 'max_requests_per_minute')
    return { field, message: 'A limit is a whole number, at least 1.' };
  if (field === 'expires_in' || field === 'expires_on') return noExpiry;
  return { field: undefined, message: 'The form is incomplete. Look at it again before you decide.' };
}
