import { findMostCost } from '../limits/find-most-cost.js';
import { limitKinds } from '../limits/limit-table.js';
import type { Limits } from '../limits/limits.js';
import { type NanoUsd, oneUsd } from '../money/nano-usd.js';
import type { ScopeToken } from '../scope/scope-token.js';

/**
 * Why the owner's decision requires a recent sign-in. Without a recent sign-in, a stranger at an unattended browser could
 * allow a client to spend any amount or a large amount, to use all models, or to do more than the owner allowed.
 */
export type StepUpReason = 'no_money_limit' | 'large_amount' | 'all_models' | 'raised' | 'added';

/** A grant that can spend more than this until its end has a large amount. */
export const largeCost: NanoUsd = 20n * oneUsd;

interface Granted {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly expiresAt: Date;
}

/** The live grants that the client has from the owner before the decision. */
export interface LiveGrants {
  readonly grants: readonly Granted[];
  /** Whether these grants stay beside the new one, so that the client can use the limits of both. */
  readonly stay: boolean;
}

/**
 * @param live the grant that is changed, or the grants that the client has already; undefined when there are none
 * @returns undefined when no recent sign-in is required: the grant can spend no large amount, does not allow all models,
 * and the client gets no higher limit and no later end than it has from one of its live grants
 */
export function findStepUpReason(granted: Granted, now: Date, live?: LiveGrants): StepUpReason | undefined {
  const mostCost = findMostCost(granted, now);
  if (mostCost === undefined) return 'no_money_limit';
  if (mostCost > largeCost) return 'large_amount';
  if (granted.tokens.some(({ kind }) => kind === 'all-models')) return 'all_models';
  if (live === undefined || live.grants.length === 0) return undefined;
  if (live.stay) return 'added';
  return live.grants.every((present) => isRaised(granted, present)) ? 'raised' : undefined;
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
