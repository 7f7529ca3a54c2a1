import { type OwnerSession, revokeGrant } from '@aipassport/store/authorization';
import { requireOwner } from '../account/require-owner.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { trimLimitTexts } from '../limits/limit-texts.js';
import { requireFormToken } from '../middleware/form-token.js';
import type { InteractionAnswer } from '../oidc/interaction-answers.js';
import {
  denyInteraction,
  findPending,
  finishConsent,
  interactionOver,
  type PendingInteraction,
} from '../oidc/interactions.js';
import { type Form, fieldText, readForm } from '../read-form.js';
import { answerEndedInteraction } from './answer-ended-interaction.js';
import { answerRepeat, findEarlierAnswer } from './answer-repeat.js';
import { leavePage } from './keep-draft.js';
import { makeGrant, showNewAccess } from './make-grant.js';
import { hashChoice, readConsent } from './read-consent.js';
import { forgetDenial, recordDenial } from './record-denial.js';
import { rememberChoice } from './remember-choice.js';
import { showConsent } from './show-consent.js';
import { consentPurpose } from './shown-request.js';
import { type Submission, submitChange } from './submit-change.js';

/**
 * `POST /interaction/:uid/consent`: the owner's decision. The request is read from the database and never from the
 * form, so the form's contents cannot make a grant larger.
 */
export async function submitConsent(deps: Dependencies, ctx: Context, uid: string): Promise<void> {
  const form = trimLimitTexts(readForm(ctx));
  const owner = await requireOwner(deps, ctx, formatPath(paths.interaction, uid));
  if (owner === undefined) return;
  // Reads the interaction before the answer, because an interaction is removed only after its answer is stored.
  const interaction = await findPending(deps, ctx, uid);
  const earlier = await findEarlierAnswer(deps, ctx, uid, owner);
  if (earlier !== undefined) {
    requireFormToken(deps, ctx, form, consentPurpose({ uid }));
    return answerRepeat(deps, ctx, earlier, isSameDecision(form, earlier) ? 'same' : 'other');
  }
  if (interaction === undefined) return answerEndedInteraction(deps, ctx, { uid, owner, reason: 'interaction_over' });
  if (interaction.accountId !== owner.accountId)
    return answerEndedInteraction(deps, ctx, { uid, owner, reason: 'account_changed' });
  requireFormToken(deps, ctx, form, consentPurpose(interaction));
  if (interaction.prompt !== 'consent') throw interactionOver();
  if (await leavePage(deps, ctx, { consent: interaction, owner, form })) return;
  await (interaction.change === undefined ? decide : submitChange)(deps, ctx, { interaction, owner, form });
}

function isSameDecision(form: Form, { grantId, choice }: InteractionAnswer): boolean {
  if (grantId === undefined) return fieldText(form, 'decision') === 'deny';
  return fieldText(form, 'decision') === 'allow' && choice === hashChoice(form);
}

async function decide(deps: Dependencies, ctx: Context, { interaction, owner, form }: Submission): Promise<void> {
  const consent = await readConsent(deps, ctx, { consent: interaction, owner, form });
  switch (consent.outcome) {
    case 'denied':
      return deny(deps, ctx, interaction, owner);
    case 'shown_again':
      return showConsent(deps, ctx, { consent: interaction, owner, view: consent });
    case 'granted': {
      const { grant, choice } = consent;
      const { request, grantId: decidedBefore } = interaction;
      if (!(await makeGrant(deps, { grant, request, form, decidedBefore })))
        return showConsent(deps, ctx, { consent: interaction, owner, view: showNewAccess(form) });
      await forgetDenial(deps.db, interaction);
      await rememberChoice(deps.db, owner, form);
      seeOther(ctx, await finishConsent(deps.provider, ctx, interaction.uid, { grantId: grant.id, choice }));
    }
  }
}

/**
 * Revokes the grant of an earlier decision. Until the browser has continued to the app, the owner can decide again, and
 * the last decision counts.
 */
async function endEarlierDecision({ db }: Dependencies, interaction: PendingInteraction): Promise<void> {
  const { grantId, clientId } = interaction;
  if (grantId === undefined) return;
  await revokeGrant(db, { grantId, reason: 'owner', revokedBy: interaction.accountId ?? clientId });
}

async function deny(
  deps: Dependencies,
  ctx: Context,
  interaction: PendingInteraction,
  { accountId }: OwnerSession,
): Promise<void> {
  const { clientId, uid, pushedRequestId } = interaction;
  await endEarlierDecision(deps, interaction);
  const denial = { uid, pushedRequestId, accountId, clientId };
  await deps.db.transaction().execute((transaction) => recordDenial(transaction, denial));
  seeOther(ctx, await denyInteraction(deps.provider, ctx, uid));
}
