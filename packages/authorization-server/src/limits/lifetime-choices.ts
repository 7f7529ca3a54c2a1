import { lifetimeBounds } from '@aipassport/policy';
import { dayOf } from './calendar.js';
import { addSeconds } from './read-expiry.js';

/** One of the answers to the question "for how long". */
export interface LifetimeChoice {
  /** The value of the form's field: seconds, or a word that the code which reads the form knows. */
  readonly value: string;
  readonly text: string;
}

const offered = [
  { seconds: 3_600, text: '1 hour' },
  { seconds: 86_400, text: '1 day' },
  { seconds: 604_800, text: '7 days' },
  { seconds: 2_592_000, text: '30 days' },
] as const;

/** The usual lifetimes, up to the one that was asked for, and the asked one itself. */
export function listLifetimes(askedSeconds: number | undefined): readonly LifetimeChoice[] {
  const seconds = offered.filter((choice) => askedSeconds === undefined || choice.seconds <= askedSeconds);
  const choices = seconds.map((choice) => ({ value: String(choice.seconds), text: choice.text }));
  if (askedSeconds === undefined || seconds.some((choice) => choice.seconds === askedSeconds)) return choices;
  return [...choices, { value: String(askedSeconds), text: describeSeconds(askedSeconds) }];
}

/** The first and the last day (YYYY-MM-DD) that can be chosen as the end. */
export interface DayRange {
  readonly firstDay: string;
  readonly lastDay: string;
  readonly timeZone: string;
}

export function listDays(askedSeconds: number | undefined, timeZone: string, now: Date): DayRange {
  const last = addSeconds(now, askedSeconds ?? lifetimeBounds.maxSeconds);
  return { firstDay: dayOf(now, timeZone), lastDay: dayOf(last, timeZone), timeZone };
}

const units = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** A text in the largest unit that divides the seconds without a remainder. */
export function describeSeconds(seconds: number): string {
  const [size, name] = units.find(([unit]) => seconds % unit === 0) ?? [1, 'second'];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
