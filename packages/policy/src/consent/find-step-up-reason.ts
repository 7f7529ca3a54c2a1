import type { Limits } from '../limits.js';
import type { ScopeToken } from '../scope/scope-token.js';

/**
 * Why a new grant requires a recent sign-in, as raising a limit does: a browser that was left open must not be enough.
 */
export type StepUpReason = 'no_money_limit' | 'all_models';

/** @returns undefined when the grant's own limits bound what a stranger at the browser could spend */
export function findStepUpReason(granted: {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
}): StepUpReason | undefined {
  const { maxCost, maxCostPerDay, maxCostPerMonth } = granted.limits;
  if ((maxCost ?? maxCostPerDay ?? maxCostPerMonth) === undefined) return 'no_money_limit';
  return granted.tokens.some(({ kind }) => kind === 'all-models') ? 'all_models' : undefined;
}
