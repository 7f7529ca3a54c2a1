import { dayOf, endOfDay, lifetimeBounds } from '@aipassport/policy';

/** The two fields of the form that say when the grant ends. */
export interface ChosenExpiry {
  /** A number of seconds, or the word `date`. For any other text, `readExpiry` returns undefined. */
  readonly expiresIn: string;
  /** YYYY-MM-DD, when `expiresIn` is `date`. */
  readonly expiresOn: string;
}

interface ExpiryTerms {
  /** The longest lifetime that the client asks for. */
  readonly lifetimeSeconds: number | undefined;
  /** The owner's time zone. The chosen day is a day in this time zone. */
  readonly timeZone: string;
  readonly now: Date;
}

/**
 * The instant at which the grant ends. If the owner chose a day, the grant ends at the end of that day. On the last day
 * that is allowed, the grant ends at the last instant that is allowed.
 * @returns undefined when the form names no valid end
 */
export function readExpiry(chosen: ChosenExpiry, { lifetimeSeconds, timeZone, now }: ExpiryTerms): Date | undefined {
  const { expiresIn, expiresOn } = chosen;
  if (expiresIn !== 'date') return /^\d{1,9}$/.test(expiresIn) ? addSeconds(now, Number(expiresIn)) : undefined;
  const end = endOfDay(expiresOn, timeZone);
  const latest = addSeconds(now, lifetimeSeconds ?? lifetimeBounds.maxSeconds);
  return end !== undefined && dayOf(latest, timeZone) === expiresOn ? latest : end;
}

export function addSeconds(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000);
}
