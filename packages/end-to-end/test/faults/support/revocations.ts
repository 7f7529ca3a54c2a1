import type { Bill } from './billing-upstream.js';
import type { ChatResult } from './load.js';

/** By the grant's index: `performance.now()` when the answer to its revocation had arrived. */
export type RevokedAt = ReadonlyMap<number, number>;

/** Requests that were sent after the answer to the revocation of their grant. */
export function findSentLate(seen: readonly ChatResult[], revokedAt: RevokedAt): readonly ChatResult[] {
  return seen.filter(
    ({ grant, sentAtMilliseconds }) => sentAtMilliseconds > (revokedAt.get(grant) ?? Number.POSITIVE_INFINITY),
  );
}

/** Each of these requests that has reached the AI provider, as a sentence. There must be none. */
export function findForwardedLate(late: readonly ChatResult[], bills: readonly Bill[]): string[] {
  const forwarded = new Set(bills.map(({ grant, number }) => `${grant}/${number}`));
  return late.flatMap(({ grant, number }) =>
    forwarded.has(`${grant}/${number}`) ? [`grant ${grant}: request ${number} was forwarded after the revocation`] : [],
  );
}
