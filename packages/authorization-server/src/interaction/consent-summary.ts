import { createHash } from 'node:crypto';
import { type Form, fieldText } from '../read-form.js';
import type { ConsentFields } from './consent-fields.js';

/**
 * A hash of the choices that the page's sentence describes. The form sends the hash back, so only these choices are
 * granted.
 */
export function hashSummary(fields: ConsentFields, shownAt: Date): string {
  const { tickedTokens, limits, spending, acceptsNoLimit, expiresIn, expiresOn, existingAccess } = fields;
  const shown = [
    [...tickedTokens].sort(),
    limits,
    spending === 'none' && acceptsNoLimit,
    expiresIn,
    expiresIn === 'date' ? expiresOn : '',
    shownAt.getTime(),
    // Without existing access, the hash is the one that the previous release makes.
    ...(existingAccess === undefined ? [] : [existingAccess]),
  ];
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url');
}

/**
 * @returns when the sentence on the page was made; a time far in the future for a form of the previous release, which
 * does not contain this time
 */
export function readShownAt(form: Form): Date {
  const text = fieldText(form, 'shown_at');
  return new Date(/^\d{1,15}$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER);
}
