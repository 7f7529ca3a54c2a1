import type { AccessRequest } from '@aipassport/policy';

interface ChosenExpiry {
  /** Seconds, or `date`. */
  readonly expiresIn: string;
  /** YYYY-MM-DD, when it is `date`. */
  readonly expiresOn: string;
}

/**
 * The instant at which the grant ends. A day means its end (UTC); on the last day that the client's own wish allows,
 * it means the end of that wish.
 * @returns undefined when no end can be made out
 */
export function readExpiry(
  { expiresIn, expiresOn }: ChosenExpiry,
  request: AccessRequest,
  now: Date,
): Date | undefined {
  if (expiresIn !== 'date') return /^\d{1,9}$/.test(expiresIn) ? addSeconds(now, Number(expiresIn)) : undefined;
  const startOfDay = new Date(`${expiresOn}T00:00:00.000Z`);
  // `2026-02-31` parses as the 3rd of March.
  if (Number.isNaN(startOfDay.getTime()) || formatDay(startOfDay) !== expiresOn) return undefined;
  const endOfDay = addSeconds(startOfDay, 24 * 3_600);
  const latest = request.lifetimeSeconds === undefined ? endOfDay : addSeconds(now, request.lifetimeSeconds);
  return startOfDay <= latest && latest < endOfDay ? latest : endOfDay;
}

function addSeconds(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000);
}

/** The day of an instant (UTC), as YYYY-MM-DD. */
export function formatDay(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
