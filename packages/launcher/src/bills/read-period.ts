import type { BillSource, Period } from './bill.js';

const dayMilliseconds = 86_400_000;
/** The most days of one comparison. A vendor may report fewer (`keptDays`). */
const maxDays = 31;
/** Without options, these many days are compared. */
const usualDays = 7;
/** Yesterday is not final yet, so the usual days end a day earlier. */
const usualLastDaysAgo = 2;

/**
 * Reads the days of `--from` and `--to`, both inclusive. By default they are the last seven days that are final.
 * @throws Error when a text is not a day, or these days cannot be compared
 */
export function readPeriod(
  { from, to }: { readonly from?: string; readonly to?: string },
  now: Date,
  { label, keptDays }: Pick<BillSource, 'label' | 'keptDays'>,
): Period {
  const today = Math.floor(now.getTime() / dayMilliseconds) * dayMilliseconds;
  const last = to === undefined ? today - usualLastDaysAgo * dayMilliseconds : readDay(to);
  const first = from === undefined ? last - (usualDays - 1) * dayMilliseconds : readDay(from);
  if (first > last) throw new Error('--from is later than --to.');
  if (last > today) throw new Error('--to is in the future.');
  if (last - first >= maxDays * dayMilliseconds) throw new Error(`At most ${maxDays} days can be compared at once.`);
  if (keptDays !== undefined && first < today - keptDays * dayMilliseconds)
    throw new Error(`${label} reports only the last ${keptDays} days. Choose a later --from.`);
  return { from: new Date(first), to: new Date(last + dayMilliseconds) };
}

function readDay(text: string): number {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text)
    throw new Error(`${text} is not a day; write YYYY-MM-DD.`);
  return time;
}
