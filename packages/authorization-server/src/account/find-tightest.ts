import { type CountedKind, countedKinds, findLimitOfMember, limitTable } from '@aipassport/policy';
import { findGrant, type Grant, listAncestors } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { countUseAndReserved } from '../limits/count-use.js';
import type { LiveGrant } from './read-grant-change.js';

/**
 * Finds the grant whose limit must be raised when the app that has `grant` was refused: the one with the least left of
 * this limit, among this grant and the grants above it. The usage of a grant counts for the grants above it too.
 * @param member the limit, by its name in `authorization_details`
 * @returns the identifier of the grant; that of `grant` itself if no grant above has less left
 */
export async function findTightest(deps: Dependencies, { grant, owner }: LiveGrant, member: string): Promise<string> {
  const kind = countedKinds.find((one) => one === findLimitOfMember(member));
  if (kind === undefined) return grant.id;
  const above = await Promise.all(listAncestors(grant.id).map((id) => findGrant(deps.db, id)));
  const chain = [grant, ...above.toReversed().filter((one) => one?.state === 'active')];
  const view = { timeZone: owner.timeZone, now: deps.now() };
  const rests = chain.flatMap((one) => (one === undefined ? [] : (findRest(one, kind, view) ?? [])));
  const [least] = rests.toSorted((a, b) => Number(a.left - b.left));
  return least?.id ?? grant.id;
}

function findRest(grant: Grant, kind: CountedKind, view: { readonly timeZone: string; readonly now: Date }) {
  const limit = grant.limits[kind];
  const used = countUseAndReserved(grant, view)[limitTable[kind].usage];
  return limit === undefined ? undefined : { id: grant.id, left: BigInt(limit) - BigInt(used) };
}
