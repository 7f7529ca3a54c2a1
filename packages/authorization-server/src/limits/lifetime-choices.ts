import { dayOf, lifetimeBounds } from '@aipassport/policy';
import type { Texts } from '../texts/texts.js';
import { addSeconds } from './read-expiry.js';

/** One of the lifetimes that the owner can choose for a grant. */
export interface LifetimeChoice {
  /** The value of the form's field: seconds, or a word such as `unchanged`. */
  readonly value: string;
  readonly text: string;
}

const offeredSeconds: readonly number[] = [3_600, 86_400, 604_800, 2_592_000];

/**
 * The usual lifetimes, the lifetime that the client asks for, and the one that the owner prefers. Lifetimes that are
 * longer than the client asks for are left out.
 */
export function listLifetimes(
  askedSeconds: number | undefined,
  texts: Texts,
  preferredSeconds?: number,
): readonly LifetimeChoice[] {
  const all = [...offeredSeconds, ...[askedSeconds, preferredSeconds].filter((one) => one !== undefined)];
  const seconds = [...new Set(all)].filter((offered) => askedSeconds === undefined || offered <= askedSeconds);
  return seconds
    .toSorted((a, b) => a - b)
    .map((lifetime) => ({
      value: String(lifetime),
      text: texts('limits.after', { duration: texts.duration(lifetime) }),
    }));
}

/** The first and the last day (YYYY-MM-DD) that the owner can choose as the end of a grant. */
export interface DayRange {
  readonly firstDay: string;
  readonly lastDay: string;
  readonly timeZone: string;
}

export function listDays(askedSeconds: number | undefined, timeZone: string, now: Date): DayRange {
  const last = addSeconds(now, askedSeconds ?? lifetimeBounds.maxSeconds);
  return { firstDay: dayOf(now, timeZone), lastDay: dayOf(last, timeZone), timeZone };
}
