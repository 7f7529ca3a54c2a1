import type { ClientUsage, UsageSum } from '@aipassport/store/authorization';

/** The smallest number of owners that is shown, apart from 0. */
const fewOwners = 3;

/** What a developer sees of a client's usage, without what could reveal the usage of one person. */
export interface ShownUsage {
  readonly owners: number;
  readonly requests: number;
  /** In nano-US-dollars. */
  readonly cost: bigint;
  readonly simulated: UsageSum;
}

/** @returns undefined when so few people have given access that the sums could be those of one person */
export function findShownUsage({ owners, requests, cost, simulated }: ClientUsage): ShownUsage | undefined {
  return owners === 0 || owners >= fewOwners ? { owners, requests, cost, simulated } : undefined;
}

/**
 * How many live grants a developer sees. If fewer than three people have given access now, the number is hidden, even
 * if it is 0: otherwise a developer could watch one person connect or remove the access.
 * @returns undefined when it is hidden; 0 when no one has ever given access
 */
export function findShownGrants({ owners, liveOwners, liveGrants }: ClientUsage): number | undefined {
  return owners === 0 || liveOwners >= fewOwners ? liveGrants : undefined;
}
