import { type LimitKind, limitKinds, limitTable, oneUsd } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';

/**
 * A limit with a smaller remainder than this counts as used up. Only short requests to cheap models cost less than a
 * tenth of a cent.
 */
const leastUseful = { usd: oneUsd / 1_000n, count: 1n };

/**
 * The kinds of limit that stay used up until the owner raises them. Budgets of a day or month start again by
 * themselves.
 */
type FinalKind = { [K in LimitKind]: (typeof limitTable)[K]['isFinal'] extends true ? K : never }[LimitKind];
type FinalCounter = (typeof limitTable)[FinalKind]['usage'];
const finalKinds = limitKinds.filter((kind): kind is FinalKind => limitTable[kind].isFinal);

/**
 * Whether a grant can allow no more requests unless its owner raises a limit. Reserved money is not counted, because it
 * may be released.
 */
export function isExhausted({ limits, usage }: Pick<Grant, 'limits' | 'usage'>): boolean {
  const used: Readonly<Record<FinalCounter, bigint>> = { requests: BigInt(usage.requests), cost: usage.spent };
  return finalKinds.some((kind) => {
    const limit = limits[kind];
    const { unit, usage: counted } = limitTable[kind];
    return limit !== undefined && BigInt(limit) - used[counted] < leastUseful[unit];
  });
}
