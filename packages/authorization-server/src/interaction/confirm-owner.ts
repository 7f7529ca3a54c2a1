import { findStepUpReason, type StepUpReason } from '@aipassport/policy';
import type { OwnerSession } from '@aipassport/store/authorization';
import { authenticate } from '../account/authenticate.js';
import { isRecentlyAuthenticated } from '../account/require-owner.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/parts.js';
import { readSecretField } from '../read-form.js';

/** The consent form's password field. It is shown once the owner has chosen something that requires the password. */
export const passwordField = 'password';

/**
 * Requires a sign-in within the last minutes for a grant without a money limit or with all models of a provider. The
 * consent page itself asks for the password, so that the owner's choices are not lost.
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
  if (reason === undefined || isRecentlyAuthenticated(deps, owner)) return undefined;
  const password = readSecretField(ctx, passwordField);
  if (password.length === 0) return { field: passwordField, message: questions[reason] };
  const account = await authenticate(deps, ctx, { email: owner.email, isWellFormed: true, password });
  return account?.id === owner.accountId ? undefined : { field: passwordField, message: 'Wrong password.' };
}

const questions: Readonly<Record<StepUpReason, string>> = {
  no_money_limit: 'Enter your password to allow access without a spending limit, or set a spending limit.',
  all_models: 'Enter your password to allow access to all models of a provider.',
};
