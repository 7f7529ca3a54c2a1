import type { ClientUsage } from '@aipassport/store/authorization';

/** The smallest number of owners that is shown, apart from 0. */
const fewOwners = 3;

/** What a developer sees of a client's usage, without what could reveal the usage of one person. */
export interface ShownUsage {
  readonly owners: number;
  readonly requests: number;
  /** In nano-US-dollars. */
  readonly cost: bigint;
}

/** @returns undefined when so few people have given access that the sums could be those of one person */
export function findShownUsage({ owners, requests, cost }: ClientUsage): ShownUsage | undefined {
  return owners === 0 || owners >= fewOwners ? { owners, requests, cost } : undefined;
}
