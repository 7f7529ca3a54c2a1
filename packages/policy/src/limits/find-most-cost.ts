import type { NanoUsd } from '../money/nano-usd.js';
import { limitTable, usdKinds } from './limit-table.js';
import { type Limits, stricterLimit } from './limits.js';

const dayMilliseconds = 86_400_000;
const monthDays = 30;

/**
 * Estimates the most that a grant can spend until its end. A limit by day or month counts once for each day, or each 30
 * days, that the grant lasts. A part of a day or month counts in full.
 * @returns undefined when the grant has no spending limit
 */
export function findMostCost(
  { limits, expiresAt }: { readonly limits: Limits; readonly expiresAt: Date },
  now: Date,
): NanoUsd | undefined {
  const days = Math.max(1, Math.ceil((expiresAt.getTime() - now.getTime()) / dayMilliseconds));
  const times = { cost: 1, day: days, month: Math.ceil(days / monthDays) };
  const totals = usdKinds.map((kind) => {
    const limit = limits[kind];
    return limit && limit * BigInt(times[limitTable[kind].usage]);
  });
  return totals.reduce(stricterLimit, undefined);
}
