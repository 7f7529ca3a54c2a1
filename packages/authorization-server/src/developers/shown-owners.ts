import type { ClientUsage } from '@aipassport/store/authorization';

/** Below this number of owners, their number is not shown. */
const fewOwners = 3;

/** How many people have given access to a client; undefined when they are so few that the number could name them. */
export function countShownOwners({ owners }: Pick<ClientUsage, 'owners'>): number | undefined {
  return owners === 0 || owners >= fewOwners ? owners : undefined;
}
