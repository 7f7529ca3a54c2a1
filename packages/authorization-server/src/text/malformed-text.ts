import { Denied } from '../denials/denial.js';

/** The input has broken percent-encoding, is not valid UTF-8, or has a character that `isText` does not accept. */
export function malformedText(): Denied {
  return new Denied({ reason: 'text_malformed' });
}
