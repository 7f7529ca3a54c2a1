import type { Denial } from './denial.js';
import type { ErrorDescription } from './describe-denial.js';
import { bodyProblems, formProblems } from './problem-texts.js';

/** Describes why a body as a whole is refused: its form, its size, or the way it is sent. */
export type BodyDenial = Extract<
  Denial,
  { readonly reason: `body_${string}` | `content_${string}` | 'form_malformed' }
>;

/** The answers to bodies that are refused before their fields are checked. */
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
        message: `The request body may have ${denial.maxBytes} bytes at most.`,
      };
    case 'body_too_slow':
      return {
        status: 408,
        code: 'request_timeout',
        message: 'The request body came too slowly.',
        headers: { connection: 'close' },
      };
    case 'body_in_crumbs':
      return {
        status: 400,
        code: 'invalid_request',
        message: 'The request body came in too many small chunks. Write it in larger pieces.',
        headers: { connection: 'close' },
      };
    case 'body_too_heavy':
      return {
        status: 413,
        code: 'request_too_large',
        message: 'To check this request takes more memory or time than one request may take. Send less at once.',
        headers: { 'x-should-retry': 'false' },
      };
    case 'body_share_exceeded':
      return {
        status: 429,
        code: 'rate_limited',
        message: `Other large requests of this ${denial.of} are still being read or sent. Wait for one of them, or send less at once.`,
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
