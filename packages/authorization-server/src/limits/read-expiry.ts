import { lifetimeBounds } from '@aipassport/policy';
import { dayOf, endOfDay } from './calendar.js';

/** As a form has it. */
export interface ChosenExpiry {
  /** Seconds, or `date`. */
  readonly expiresIn: string;
  /** YYYY-MM-DD, when it is `date`. */
  readonly expiresOn: string;
}

interface ExpiryTerms {
  /** The longest life that the client asks for. */
  readonly lifetimeSeconds: number | undefined;
  /** The owner's: their days are meant. */
  readonly timeZone: string;
  readonly now: Date;
}

/**
 * The instant at which the grant ends. A day means its end; on the last day that is allowed, it means the last
 * instant that is.
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
