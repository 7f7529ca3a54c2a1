import type { ClientUsage } from '@aipassport/store/authorization';

/** A smaller number of owners is not shown, unless it is 0. */
const fewOwners = 3;

/** How many people have given access to a client; undefined when the number could reveal who they are. */
export function countShownOwners({ owners }: Pick<ClientUsage, 'owners'>): number | undefined {
  return owners === 0 || owners >= fewOwners ? owners : undefined;
}
