import { findMostCost } from '../limits/find-most-cost.js';
import { limitKinds } from '../limits/limit-table.js';
import type { Limits } from '../limits/limits.js';
import { type NanoUsd, oneUsd } from '../money/nano-usd.js';
import type { ScopeToken } from '../scope/scope-token.js';

/**
 * Why the owner's decision requires a recent sign-in. Without a recent sign-in, a stranger at an unattended browser could
 * allow a client to spend any amount or a large amount, to use all models, or to do more than the owner allowed.
 */
export type StepUpReason = 'no_money_limit' | 'large_amount' | 'all_models' | 'raised';

/** A grant that can spend more than this until its end has a large amount. */
export const largeCost: NanoUsd = 100n * oneUsd;

interface Granted {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly expiresAt: Date;
}

/**
 * @param present the grant that is changed; undefined for a new grant
 * @returns undefined when no recent sign-in is required: the grant can spend no large amount, does not allow all models,
 * and has no higher limit and no later end than before
 */
export function findStepUpReason(granted: Granted, now: Date, present?: Granted): StepUpReason | undefined {
  const mostCost = findMostCost(granted, now);
  if (mostCost === undefined) return 'no_money_limit';
  if (mostCost > largeCost) return 'large_amount';
  if (granted.tokens.some(({ kind }) => kind === 'all-models')) return 'all_models';
  return present !== undefined && isRaised(granted, present) ? 'raised' : undefined;
}

function isRaised({ limits, expiresAt }: Granted, present: Granted): boolean {
  return (
    expiresAt > present.expiresAt ||
    limitKinds.some((kind) => {
      const [limit, before] = [limits[kind], present.limits[kind]];
      return before !== undefined && (limit === undefined || limit > before);
    })
  );
}
