import { type CountedKind, countedKinds, dayOf, endOfDay, endOfMonth, limitTable } from '@aipassport/policy';
import type { Grant, OpenRequests } from '@aipassport/store/authorization';
import { countUse } from './count-use.js';
import { isUsedUp } from './is-exhausted.js';

/** A limit that is used up. */
export interface ReachedLimit {
  readonly kind: CountedKind;
  /** When it begins again; undefined: it stays used up until the owner raises it. */
  readonly until: Date | undefined;
}

interface ReachedView {
  /** The requests in progress under the grant. Their reservations are left out, because they may be released. */
  readonly open: readonly OpenRequests[];
  readonly timeZone: string;
  readonly now: Date;
}

/** The limit that a grant has used up; of several limits, the one that is used up for the longest time. */
export function findReached(grant: Pick<Grant, 'limits' | 'usage'>, view: ReachedView): ReachedLimit | undefined {
  const used = countUse(grant, view);
  const kind = countedKinds.find((one) => isUsedUp(one, grant.limits[one], used[limitTable[one].usage]));
  return kind && { kind, until: findStart(kind, view) };
}

function findStart(kind: CountedKind, { timeZone, now }: ReachedView): Date | undefined {
  const today = dayOf(now, timeZone);
  const { usage } = limitTable[kind];
  if (usage === 'day') return endOfDay(today, timeZone);
  return usage === 'month' ? endOfMonth(today, timeZone) : undefined;
}
