import { dayOf } from '../limits/calendar.js';

/** How one language writes a time that is near. */
export interface NearTimes {
  /** The day of an instant: `today`, `tomorrow`, or its date. */
  readonly nearDay: (at: Date, timeZone: string, now: Date) => string;
  /** An instant with its time zone: `tomorrow, 14:00 CET`. */
  readonly nearTime: (at: Date, timeZone: string, now: Date) => string;
}

const dayMilliseconds = 86_400_000;

export function createNearTimes(locale: string): NearTimes {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const nearDay = (at: Date, timeZone: string, now: Date) => {
    const days = countDays(at, timeZone, now);
    if (days === 0 || days === 1) return relative.format(days, 'day');
    return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone }).format(at);
  };
  const clock = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
  return {
    nearDay,
    nearTime: (at, timeZone, now) =>
      `${nearDay(at, timeZone, now)}, ${new Intl.DateTimeFormat(locale, { ...clock, timeZone }).format(at)}`,
  };
}

/** How many days of the calendar lie between now and an instant. */
function countDays(at: Date, timeZone: string, now: Date): number {
  return Math.round((Date.parse(dayOf(at, timeZone)) - Date.parse(dayOf(now, timeZone))) / dayMilliseconds);
}
