import { dayOf, firstOfMonth } from '@aipassport/policy';
import type { Grant, OpenRequests } from '@aipassport/store/authorization';

type Counter = Grant['usage']['day'];

/**
 * The money that is spent today and this month, by the owner's calendar. The counters include what is reserved for
 * requests in progress.
 * @param open the requests in progress whose reservations are to be left out
 */
export function findWindowCosts(
  { day, month }: Pick<Grant['usage'], 'day' | 'month'>,
  open: readonly Pick<OpenRequests, 'day' | 'month' | 'reserved'>[],
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): { readonly today: bigint; readonly thisMonth: bigint } {
  const today = dayOf(now, timeZone);
  const ofDay = open.map((one) => ({ date: one.day, cost: one.reserved }));
  const ofMonth = open.map((one) => ({ date: one.month, cost: one.reserved }));
  return { today: costSince(day, ofDay, today), thisMonth: costSince(month, ofMonth, firstOfMonth(today)) };
}

/**
 * A new day does not reset a counter; the next request does. Until then, the counter may belong to an earlier period.
 */
function costSince(counter: Counter, reserved: readonly Counter[], start: string): bigint {
  const since = ({ date, cost }: Counter) => (date !== undefined && formatDate(date) >= start ? cost : 0n);
  const cost = reserved.reduce((rest, one) => rest - since(one), since(counter));
  // The counter and the list were read one after the other, so the difference may be negative.
  return cost > 0n ? cost : 0n;
}

/** `pg` parses a date as midnight of that day in this process's own time zone. */
function formatDate(date: Date): string {
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
