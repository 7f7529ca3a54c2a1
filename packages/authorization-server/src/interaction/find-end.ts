import { readExpiry } from '../limits/read-expiry.js';
import type { ConsentFields } from './consent-fields.js';

interface ChosenEnd {
  readonly fields: ConsentFields;
  /** The longest lifetime that the client asks for. */
  readonly lifetimeSeconds: number | undefined;
  readonly timeZone: string;
  /** When the page showed the sentence that names the end. */
  readonly shownAt: Date;
  readonly now: Date;
}

/**
 * The end that the owner chose. A chosen lifetime counts from `shownAt`, or from now if `shownAt` is in the future, so
 * that the grant does not end later than the client asks for.
 * @returns undefined when the form names no valid end
 */
export function findEnd({ fields, lifetimeSeconds, timeZone, shownAt, now }: ChosenEnd): Date | undefined {
  const begin = shownAt < now ? shownAt : now;
  return readExpiry(fields, { lifetimeSeconds, timeZone, now: fields.expiresIn === 'date' ? now : begin });
}
