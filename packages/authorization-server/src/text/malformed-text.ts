import { Refusal } from '../refusal.js';

/** The input is not valid text: it has NUL or another control character, invalid UTF-8, or broken percent-encoding. */
export function malformedText(): Refusal {
  const message =
    'The request holds bytes that are not text: a NUL or another control character, invalid UTF-8, or a percent sign that is not encoded.';
  return new Refusal({ status: 400, reason: 'invalid_request', message });
}
