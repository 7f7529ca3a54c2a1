import type { Grant } from '@aipassport/store/authorization';
import { dayOf } from './calendar.js';

type Counter = Grant['usage']['day'];

/** The money that is spent and reserved today and this month, by the owner's calendar. */
export function findWindowCosts(
  { day, month }: Pick<Grant['usage'], 'day' | 'month'>,
  timeZone: string,
  now: Date,
): { readonly today: bigint; readonly thisMonth: bigint } {
  const today = dayOf(now, timeZone);
  return { today: costSince(day, today), thisMonth: costSince(month, `${today.slice(0, 7)}-01`) };
}

/** A new day does not reset a counter; the next request does. Until then, the counter may be of an earlier period. */
function costSince({ date, cost }: Counter, start: string): bigint {
  return date !== undefined && formatDate(date) >= start ? cost : 0n;
}

/** `pg` parses a date as midnight of that day in this process's own time zone. */
function formatDate(date: Date): string {
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
