import { Denied } from '../denials/denial.js';

/**
 * The input is not valid text: it contains NUL or another control character, invalid UTF-8, or broken percent-encoding.
 */
export function malformedText(): Denied {
  return new Denied({ reason: 'text_malformed' });
}
