import { findStepUpReason, type GrantTerms, type LiveGrants, largeCost, type StepUpReason } from '@aipassport/policy';
import type { OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/parts.js';
import { type Message, message } from '../texts/texts.js';
import type { ConsentFields } from './consent-fields.js';
import { raisesDefaults } from './remember-choice.js';

/**
 * Requires a recent sign-in, the password or a passkey (see `confirmSignIn`) in these cases:
 * - a grant that can spend any amount or a large amount (`largeCost`)
 * - a grant that can spend such an amount together with the grants that the client keeps
 * - a grant with all models of a provider
 * - a higher limit or a longer time than those of the access that the grant replaces or changes
 * - higher defaults for other apps
 * @param live the grant that is changed, or the grants that the client has already; undefined when there are none
 * @returns the problem to show beside the password's field; undefined when the grant may be made
 * @throws Denied 429 when there were too many guesses
 */
export async function findMissingConfirmation(
  deps: Dependencies,
  ctx: Context,
  {
    owner,
    terms,
    live,
    fields,
  }: {
    readonly owner: OwnerSession;
    readonly terms: GrantTerms;
    readonly live: LiveGrants | undefined;
    readonly fields: ConsentFields;
  },
): Promise<Problem | undefined> {
  const reason = findStepUpReason(terms, { now: deps.now(), timeZone: owner.timeZone }, live);
  if (reason !== undefined) return confirmSignIn(deps, ctx, { owner, question: questions[reason] });
  if (!(await raisesDefaults(deps, owner, fields))) return undefined;
  return confirmSignIn(deps, ctx, { owner, question: 'password.toRaiseDefaults' });
}

const questions: Readonly<Record<StepUpReason, Message>> = {
  no_money_limit: message('consent.passwordNoLimit'),
  large_amount: message('consent.passwordLargeAmount', { amount: largeCost }),
  all_models: message('consent.passwordAllModels'),
  raised: message('password.toRaise'),
  added: message('consent.passwordAdded', { amount: largeCost }),
};
