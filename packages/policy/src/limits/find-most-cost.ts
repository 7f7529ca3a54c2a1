import type { NanoUsd } from '../money/nano-usd.js';
import { limitTable, usdKinds } from './limit-table.js';
import { type Limits, stricterLimit } from './limits.js';

const dayMilliseconds = 86_400_000;

/** The present time, and the time zone of the owner, in which days and months begin. */
export interface OwnerTime {
  readonly now: Date;
  /** An IANA name. */
  readonly timeZone: string;
}

/**
 * Finds the most that a grant can spend until its end. A limit by day or month counts once for each calendar day or
 * month of which the grant has a part, because the counters begin anew at midnight.
 * @returns undefined when the grant has no spending limit
 */
export function findMostCost(
  { limits, expiresAt }: { readonly limits: Limits; readonly expiresAt: Date },
  { now, timeZone }: OwnerTime,
): NanoUsd | undefined {
  const first = readDate(now, timeZone);
  const last = readDate(new Date(Math.max(now.getTime(), expiresAt.getTime() - 1)), timeZone);
  const days = (last.getTime() - first.getTime()) / dayMilliseconds + 1;
  const months = (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth() + 1;
  const times = { cost: 1, day: days, month: months };
  const totals = usdKinds.map((kind) => {
    const limit = limits[kind];
    return limit && limit * BigInt(times[limitTable[kind].usage]);
  });
  return totals.reduce(stricterLimit, undefined);
}

/** The calendar day of an instant in a time zone, as its midnight in UTC. */
function readDate(at: Date, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return new Date(Date.UTC(parts.get('year') ?? 0, (parts.get('month') ?? 1) - 1, parts.get('day')));
}
