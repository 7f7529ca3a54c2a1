import { Refusal } from '../refusal.js';

/** What came in is no text: NUL, another control character, no UTF-8, or an encoding that is broken. */
export function malformedText(): Refusal {
  const message =
    'The request holds bytes that are not text: a NUL or another control character, invalid UTF-8, or a percent sign that is not encoded.';
  return new Refusal({ status: 400, reason: 'invalid_request', message });
}
