const dayMilliseconds = 24 * 3_600 * 1_000;

/** The day of an instant in a time zone, as YYYY-MM-DD. */
export function dayOf(instant: Date, timeZone: string): string {
  // Swedish dates are written as ISO 8601 has them.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
}

/**
 * The first instant after a day of a time zone.
 * @returns undefined for what is no day: `2026-02-31`
 */
export function endOfDay(day: string, timeZone: string): Date | undefined {
  const start = Date.parse(`${day}T00:00:00.000Z`);
  // `2026-02-31` parses as the 3rd of March.
  if (Number.isNaN(start) || formatUtcDay(start) !== day) return undefined;
  const end = start + dayMilliseconds;
  const next = formatUtcDay(end);
  // Clocks may change near that midnight: it is the earliest instant, of those before and after, that is tomorrow.
  const [first = end, ...others] = [-dayMilliseconds, dayMilliseconds]
    .map((side) => end - offsetMilliseconds(new Date(end + side), timeZone))
    .sort((a, b) => a - b);
  return new Date([first, ...others].find((instant) => dayOf(new Date(instant), timeZone) >= next) ?? first);
}

function formatUtcDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** How far a time zone's clocks are ahead of UTC. */
function offsetMilliseconds(instant: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(instant);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /^GMT([+-])(\d\d):(\d\d)$/.exec(name);
  if (match === null) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
