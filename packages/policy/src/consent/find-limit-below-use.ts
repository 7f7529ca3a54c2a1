import { type LimitKind, limitKinds } from '../limits/limit-table.js';
import type { Limits } from '../limits/limits.js';
import type { ChoiceProblem } from './decide-consent.js';

/** What is used of the limits that count over the whole life of a grant. */
export type LimitUse = Partial<Readonly<Record<LimitKind, number | bigint>>>;

/** Finds a limit that is lower than what is used already. The grant would be used up by the decision itself. */
export function findLimitBelowUse(limits: Limits, used: LimitUse): ChoiceProblem | undefined {
  for (const limit of limitKinds) {
    const value = limits[limit];
    const spent = used[limit];
    if (value !== undefined && spent !== undefined && value < spent)
      return { problem: 'limit_below_used', limit, used: spent };
  }
  return undefined;
}
