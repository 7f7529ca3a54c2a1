import { type LimitKind, lifetimeKinds, limitTable, oneUsd } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import { listUse } from './count-use.js';

/**
 * A limit with a smaller remainder than this counts as used up. Only short requests to cheap models cost less than a
 * tenth of a cent.
 */
const leastUseful = { usd: oneUsd / 1_000n, count: 1n };

/**
 * Whether a grant can allow no more requests unless its owner raises a limit. Limits by day and by month are left out,
 * because they start again by themselves. Reserved money is not counted, because it may be released.
 */
export function isExhausted({ limits, usage }: Pick<Grant, 'limits' | 'usage'>): boolean {
  const used = listUse({ usage });
  return lifetimeKinds.some((kind) => isUsedUp(kind, limits[kind], used[kind]));
}

/** Whether too little is left of a limit for a useful request. */
export function isUsedUp(kind: LimitKind, limit: number | bigint | undefined, used: number | bigint): boolean {
  return limit !== undefined && BigInt(limit) - BigInt(used) < leastUseful[limitTable[kind].unit];
}
