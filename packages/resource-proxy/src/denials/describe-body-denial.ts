import type { Denial } from './denial.js';
import type { ErrorDescription } from './error-description.js';
import { bodyProblems, formProblems } from './problem-texts.js';

/** Why a whole body is refused: its form, its size, or the way it is sent. */
export type BodyDenial = Extract<
  Denial,
  { readonly reason: `body_${string}` | `content_${string}` | 'form_malformed' }
>;

/** Describes the denials of bodies that are refused before their fields are checked. */
export function describeBodyDenial(
  denial: Exclude<BodyDenial, { readonly reason: 'body_unexpected' }>,
): ErrorDescription {
  switch (denial.reason) {
    case 'content_type_unsupported':
      return { status: 415, code: 'unsupported_media_type', message: `The content type must be ${denial.expected}.` };
    case 'content_encoding_unsupported':
      return { status: 415, code: 'unsupported_media_type', message: 'Compressed request bodies are not accepted.' };
    case 'body_too_large':
      return {
        status: 413,
        code: 'request_too_large',
        message: `The request body must not be larger than ${denial.maxBytes} bytes.`,
      };
    case 'body_too_slow':
      return {
        status: 408,
        code: 'request_timeout',
        message: 'The request body arrived too slowly.',
        headers: { connection: 'close' },
      };
    case 'body_in_small_chunks':
      return {
        status: 400,
        code: 'invalid_request',
        message: 'The request body arrived in too many small chunks. Send larger chunks.',
        headers: { connection: 'close' },
      };
    case 'body_too_heavy':
      return {
        status: 413,
        code: 'request_too_large',
        message: 'Checking this request takes more memory or time than one request may use. Send a smaller request.',
        headers: { 'x-should-retry': 'false' },
      };
    case 'body_share_exceeded':
      return {
        status: 429,
        code: 'rate_limited',
        message: `Other large requests of this ${denial.of} are still being read or sent. Wait until one of them has ended, or send a smaller request.`,
        headers: { 'retry-after': '1' },
      };
    case 'body_malformed':
      return { status: 400, code: 'invalid_request', message: bodyProblems[denial.problem] };
    case 'form_malformed': {
      const { problem, field } = denial;
      if (field === undefined) return { status: 400, code: 'invalid_request', message: formProblems[problem] };
      return { status: 400, code: 'invalid_request', message: `${formProblems[problem]} It is \`${field}\`.`, field };
    }
  }
}
