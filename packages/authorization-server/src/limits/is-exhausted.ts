import { type LimitKind, limitKinds, limitTable, oneUsd } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';

/** The least that is of use, for each unit. A tenth of a cent: most requests cost more than that. */
const leastUseful = { usd: oneUsd / 1_000n, count: 1n };

/** The kinds that stay used up until the owner raises the limit. Budgets of a day or month are free again by themselves. */
type FinalKind = { [K in LimitKind]: (typeof limitTable)[K]['isFinal'] extends true ? K : never }[LimitKind];
type FinalCounter = (typeof limitTable)[FinalKind]['usage']['counter'];
const finalKinds = limitKinds.filter((kind): kind is FinalKind => limitTable[kind].isFinal);

/** Whether a grant can do nothing more unless its owner raises a limit. Reserved money may still become free. */
export function isExhausted({ limits, usage }: Pick<Grant, 'limits' | 'usage'>): boolean {
  const used: Readonly<Record<FinalCounter, bigint>> = { requests: BigInt(usage.requests), cost: usage.spent };
  return finalKinds.some((kind) => {
    const limit = limits[kind];
    const { unit, usage: counted } = limitTable[kind];
    return limit !== undefined && BigInt(limit) - used[counted.counter] < leastUseful[unit];
  });
}
