import type { NanoUsd } from '../money/nano-usd.js';
import { countDays, countMonths, dayOf } from './calendar.js';
import { limitTable, usdKinds } from './limit-table.js';
import { type Limits, stricterLimit } from './limits.js';

/** The present time, and the time zone of the owner, in which days and months begin. */
export interface OwnerTime {
  readonly now: Date;
  /** An IANA name. */
  readonly timeZone: string;
}

/**
 * Finds the most that a grant can spend until its end. A limit by day or month counts once for each calendar day or
 * month in which the grant is valid, because the counters start again at midnight.
 * @returns undefined when the grant has no spending limit
 */
export function findMostCost(
  { limits, expiresAt }: { readonly limits: Limits; readonly expiresAt: Date },
  { now, timeZone }: OwnerTime,
): NanoUsd | undefined {
  const first = dayOf(now, timeZone);
  const last = dayOf(new Date(Math.max(now.getTime(), expiresAt.getTime() - 1)), timeZone);
  const times = { cost: 1, day: countDays(first, last), month: countMonths(first, last) };
  const totals = usdKinds.map((kind) => {
    const limit = limits[kind];
    return limit && limit * BigInt(times[limitTable[kind].usage]);
  });
  return totals.reduce(stricterLimit, undefined);
}
