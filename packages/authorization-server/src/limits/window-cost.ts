import type { Grant } from '@aipassport/store/authorization';
import { dayOf } from './calendar.js';

type Counter = Grant['usage']['day'];

/** What is spent and reserved today and this month, by the owner's calendar. */
export function findWindowCosts(
  { day, month }: Pick<Grant['usage'], 'day' | 'month'>,
  timeZone: string,
  now: Date,
): { readonly today: bigint; readonly thisMonth: bigint } {
  const today = dayOf(now, timeZone);
  return { today: costSince(day, today), thisMonth: costSince(month, `${today.slice(0, 7)}-01`) };
}

/** The next request resets a counter. Until then it may be about a day that is over. */
function costSince({ date, cost }: Counter, start: string): bigint {
  return date !== undefined && formatDate(date) >= start ? cost : 0n;
}

/** `pg` reads a date as its first instant in this process's own time zone. */
function formatDate(date: Date): string {
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
