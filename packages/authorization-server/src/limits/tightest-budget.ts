import type { Grant } from '@aipassport/store/authorization';
import { findWindowCosts } from './window-cost.js';

/** A limit on money, in nano-US-dollars, and how much of it is spent or reserved. */
export interface Budget {
  readonly window: 'all' | 'month' | 'day';
  readonly limit: bigint;
  readonly used: bigint;
  /** From 0 to 1, for sorting. */
  readonly usedShare: number;
}

/** Finds the budget of which the grant has used the largest share; undefined when the grant has no limit on money. */
export function findTightestBudget(
  { limits, usage }: Pick<Grant, 'limits' | 'usage'>,
  timeZone: string,
  now: Date,
): Budget | undefined {
  const { today, thisMonth } = findWindowCosts(usage, [], { timeZone, now });
  const budgets = [
    { window: 'all', limit: limits.maxCost, used: usage.spent + usage.reserved },
    { window: 'month', limit: limits.maxCostPerMonth, used: thisMonth },
    { window: 'day', limit: limits.maxCostPerDay, used: today },
  ] as const;
  return budgets
    .flatMap(({ limit, used, window }) =>
      limit === undefined ? [] : [{ window, limit, used, usedShare: Math.min(1, Number(used) / Number(limit)) }],
    )
    .toSorted((a, b) => b.usedShare - a.usedShare)[0];
}
