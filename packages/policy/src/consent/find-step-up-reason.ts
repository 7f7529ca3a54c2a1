import { findMostCost, type OwnerTime } from '../limits/find-most-cost.js';
import { limitKinds } from '../limits/limit-table.js';
import type { Limits } from '../limits/limits.js';
import { type NanoUsd, oneUsd } from '../money/nano-usd.js';
import type { ScopeToken } from '../scope/scope-token.js';

/**
 * Why the owner's decision requires a recent sign-in. Without a recent sign-in, a stranger at an unattended browser
 * could allow a client to spend any amount or a large amount, to use all models, or to do more than the owner allowed.
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
  readonly grants: readonly PresentGrant[];
  /** What the decision does with them. If it adds a grant to them, the client can use the limits of all. */
  readonly action: 'change' | 'replace' | 'add';
}

interface PresentGrant extends Granted {
  /** When the owner chose the end: when the grant was made, or when its end was last changed. */
  readonly endChosenAt: Date;
}

/**
 * The difference that the time for reading the page can make. A lifetime begins when the page is shown, but the grant
 * is created after the owner has read the page. If the owner chooses the same lifetime again and reads faster, the new
 * grant lasts a little longer from its creation to its end.
 */
const readingMilliseconds = 60 * 60 * 1_000;

/**
 * @param live the grant that is changed, or the grants that the client has already; undefined when there are none
 * @returns why a recent sign-in is required; undefined when it is not required. Then the grant does not allow all
 * models, and the client cannot spend a large amount, neither with this grant alone nor together with the live grants
 * that stay. If the grant changes or replaces live grants, it has no higher limit than at least one of them, and does
 * not end later (a change) or last longer (a replacement) than that one
 */
export function findStepUpReason(granted: Granted, time: OwnerTime, live?: LiveGrants): StepUpReason | undefined {
  const mostCost = findMostCost(granted, time);
  if (mostCost === undefined) return 'no_money_limit';
  if (mostCost > largeCost) return 'large_amount';
  if (granted.tokens.some(({ kind }) => kind === 'all-models')) return 'all_models';
  if (live === undefined || live.grants.length === 0) return undefined;
  if (live.action === 'add') return isSumLarge([granted, ...live.grants], time) ? 'added' : undefined;
  const isLonger = live.action === 'change' ? endsLater : lastsLonger;
  const isRaised = (present: PresentGrant) => isLonger(granted, present, time.now) || hasHigherLimit(granted, present);
  return live.grants.every(isRaised) ? 'raised' : undefined;
}

function isSumLarge(grants: readonly Granted[], time: OwnerTime): boolean {
  const costs = grants.map((grant) => findMostCost(grant, time));
  return !costs.every((cost) => cost !== undefined) || costs.reduce((sum, cost) => sum + cost, 0n) > largeCost;
}

function endsLater(granted: Granted, present: PresentGrant): boolean {
  return granted.expiresAt > present.expiresAt;
}

/**
 * Compares lifetimes, because a later grant with the same lifetime always has a later end. The present grant's lifetime
 * runs from the time at which its end was last chosen, so extensions are not added up.
 */
function lastsLonger({ expiresAt }: Granted, present: PresentGrant, now: Date): boolean {
  const before = present.expiresAt.getTime() - present.endChosenAt.getTime();
  return expiresAt.getTime() - now.getTime() > before + readingMilliseconds;
}

function hasHigherLimit({ limits }: Granted, present: Granted): boolean {
  return limitKinds.some((kind) => {
    const [limit, before] = [limits[kind], present.limits[kind]];
    return before !== undefined && (limit === undefined || limit > before);
  });
}
