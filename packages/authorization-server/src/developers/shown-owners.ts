import type { ClientUsage } from '@aipassport/store/authorization';

/** The smallest number of owners that is shown, apart from 0. */
const fewOwners = 3;

/** How many people have given access to a client; undefined when the number could reveal who they are. */
export function countShownOwners({ owners }: Pick<ClientUsage, 'owners'>): number | undefined {
  return owners === 0 || owners >= fewOwners ? owners : undefined;
}
