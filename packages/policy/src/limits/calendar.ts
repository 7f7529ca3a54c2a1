import { Temporal } from 'temporal-polyfill';

/** The day of an instant in a time zone, as YYYY-MM-DD. */
export function dayOf(instant: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/**
 * The first instant after this day in the time zone. Where clocks skip midnight, it is the first instant that exists.
 * @returns undefined for a text that is not a calendar day, such as `2026-02-31`
 */
export function endOfDay(day: string, timeZone: string): Date | undefined {
  const date = parseDay(day);
  return date && new Date(date.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds);
}

/** The first instant after the month of this day in the time zone: see `endOfDay`. */
export function endOfMonth(day: string, timeZone: string): Date {
  const next = Temporal.PlainYearMonth.from(day.slice(0, 7)).add({ months: 1 }).toPlainDate({ day: 1 });
  return new Date(next.toZonedDateTime(timeZone).epochMilliseconds);
}

/** Accepts a month of the calendar that is written as YYYY-MM. There is no year 0. */
export function parseMonth(text: string): string | undefined {
  return /^(?!0000)\d{4}-(0[1-9]|1[0-2])$/.test(text) ? text : undefined;
}

/** The first day of a month, or of the month of a day, as YYYY-MM-DD. */
export function firstOfMonth(dayOrMonth: string): string {
  return `${dayOrMonth.slice(0, 7)}-01`;
}

/** All days of the month to which this day belongs, each as YYYY-MM-DD. */
export function listDays(day: string): readonly string[] {
  const month = Temporal.PlainYearMonth.from(day.slice(0, 7));
  return Array.from({ length: month.daysInMonth }, (_, index) => month.toPlainDate({ day: index + 1 }).toString());
}

/**
 * The month that is `count` months before this one, as YYYY-MM. With a negative count, it is a month after this one.
 */
export function monthBefore(month: string, count = 1): string {
  return Temporal.PlainYearMonth.from(month).subtract({ months: count }).toString();
}

/** The number of days from one day to another, including both. */
export function countDays(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days + 1;
}

/** The number of months from the month of one day to the month of another day, including both. */
export function countMonths(from: string, to: string): number {
  const first = Temporal.PlainYearMonth.from(from.slice(0, 7));
  return first.until(to.slice(0, 7), { largestUnit: 'months' }).months + 1;
}

/**
 * The months from the month of one day to the month of another day, including both. Each month is written as its first
 * day.
 */
export function listMonths(from: string, to: string): readonly string[] {
  const last = to.slice(0, 7);
  const count = countMonths(from, to);
  return Array.from({ length: Math.max(0, count) }, (_, index) => firstOfMonth(monthBefore(last, count - 1 - index)));
}

/** Accepts only YYYY-MM-DD. Temporal also reads other notations, such as `20261122`. */
function parseDay(day: string): Temporal.PlainDate | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  try {
    return Temporal.PlainDate.from(day);
  } catch {
    return undefined;
  }
}
