import { type LimitKind, limitKinds } from '../limits/limit-table.js';
import type { Limits } from '../limits/limits.js';
import type { ChoiceProblem } from './decide-consent.js';

/** The usage so far of the limits that count over the whole life of a grant. */
export type LimitUse = Partial<Readonly<Record<LimitKind, number | bigint>>>;

/** Finds a limit that is below the usage so far. With such a limit, the grant would be used up at once. */
export function findLimitBelowUse(limits: Limits, used: LimitUse): ChoiceProblem | undefined {
  for (const limit of limitKinds) {
    const value = limits[limit];
    const spent = used[limit];
    if (value !== undefined && spent !== undefined && value < spent)
      return { problem: 'limit_below_used', limit, used: spent };
  }
  return undefined;
}
