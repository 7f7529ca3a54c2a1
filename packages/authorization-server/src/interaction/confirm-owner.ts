import { findStepUpReason, type StepUpReason } from '@aipassport/policy';
import type { OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/parts.js';
import type { FixedId } from '../texts/texts.js';

/**
 * Requires a sign-in within the last minutes for a grant without a money limit or with all models of a provider.
 * @returns the problem to show beside the password's field; undefined when the grant may be made
 * @throws Denied 429 when there were too many guesses
 */
export async function findMissingConfirmation(
  deps: Dependencies,
  ctx: Context,
  owner: OwnerSession,
  granted: Parameters<typeof findStepUpReason>[0],
): Promise<Problem | undefined> {
  const reason = findStepUpReason(granted);
  return reason === undefined ? undefined : confirmSignIn(deps, ctx, { owner, question: questions[reason] });
}

const questions: Readonly<Record<StepUpReason, FixedId>> = {
  no_money_limit: 'consent.passwordNoLimit',
  all_models: 'consent.passwordAllModels',
};
