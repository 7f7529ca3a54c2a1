import { type LifetimeKind, lifetimeKinds } from '../limits/limit-table.js';
import type { Limits } from '../limits/limits.js';
import type { ChoiceProblem } from './decide-consent.js';

/** The usage so far of the limits that count over the whole life of a grant. */
export type LimitUse = Readonly<Record<LifetimeKind, number | bigint>>;

/** Lists the limits that are below the usage so far. With such a limit, the grant would be used up at once. */
export function listLimitsBelowUse(limits: Limits, used: LimitUse): readonly ChoiceProblem[] {
  return lifetimeKinds.flatMap((limit) => {
    const value = limits[limit];
    const spent = used[limit];
    const isBelow = value !== undefined && value < spent;
    return isBelow ? [{ problem: 'limit_below_used', limit, used: spent } as const] : [];
  });
}
