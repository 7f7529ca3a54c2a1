import { findMostCost } from '../limits/find-most-cost.js';
import type { Limits } from '../limits/limits.js';
import { type NanoUsd, oneUsd } from '../money/nano-usd.js';
import type { ScopeToken } from '../scope/scope-token.js';

/**
 * Why a new grant requires a recent sign-in. Without a recent sign-in, a stranger at an unattended browser could allow
 * a client to spend any amount or a large amount, or to use all models.
 */
export type StepUpReason = 'no_money_limit' | 'large_amount' | 'all_models';

/** A grant that can spend more than this until its end has a large amount. */
export const largeCost: NanoUsd = 100n * oneUsd;

/**
 * @returns undefined when no recent sign-in is required: the grant can spend no large amount, and does not allow all
 * models
 */
export function findStepUpReason(
  granted: { readonly tokens: readonly ScopeToken[]; readonly limits: Limits; readonly expiresAt: Date },
  now: Date,
): StepUpReason | undefined {
  const mostCost = findMostCost(granted, now);
  if (mostCost === undefined) return 'no_money_limit';
  if (mostCost > largeCost) return 'large_amount';
  return granted.tokens.some(({ kind }) => kind === 'all-models') ? 'all_models' : undefined;
}
